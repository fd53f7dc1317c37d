import type { AlertsDeps } from '#alerts/deps.ts';
import type { Budgets } from '#ledger/budget/service.ts';
import type { Ledger } from '#ledger/schedule.ts';
import type { Evaluator } from '#quality/evaluators/evaluator.ts';
import type { JudgeService } from '#quality/judge/service.ts';
import type { OnlineScoring } from '#quality/scoring/start.ts';
import type { ClickHouse } from '#store/engine/client.ts';
import type { PrivacyInUse } from '#store/redact/in-use.ts';
import type { StateDb } from '#store/state/open.ts';
import type { PrivacyDefaults } from '#store/state/privacy.ts';
import type { Smtp } from './deliver/email.ts';
import type { DemoControl } from './demo-process.ts';

/** What every route may use. */
export interface Services {
  clickhouse: ClickHouse;
  state: StateDb;
  projectId: string;
  /** Unix milliseconds. */
  nowMs(): number;
  /** Where people reach the dashboard: links point there. */
  baseUrl(): string;
  alerts: AlertsDeps;
  ledger: Ledger;
  demo: DemoControl;
  /** Where budgets stand, and what decisions they make. */
  budgets: Budgets;
  /** Everything that can judge a call. */
  evaluators: readonly Evaluator[];
  /** Scores a sample of what arrives. */
  scoring: Pick<OnlineScoring, 'scored' | 'runOnce'>;
  /** LLM judges, their settings and anchors. */
  judges: JudgeService;
  /** What is kept and what is taken out, at this moment. */
  privacy(): Promise<PrivacyInUse>;
  about: About;
}

/** What does not change while the API runs. */
export interface About {
  version: string;
  otlpHttpUrl: string;
  /** `host:port`. */
  otlpGrpcUrl: string;
  /** Senders must present a key. */
  keyRequired: boolean;
  localMode: boolean;
  /** What holds until somebody saves other privacy settings. */
  privacy: PrivacyDefaults;
  /** IANA zone, unless the state database names another. */
  reportingZone: string;
  /** Where e-mail is handed over; without it none can be sent. */
  smtp?: Smtp | undefined;
}
