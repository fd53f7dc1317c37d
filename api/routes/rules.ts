import type { Router } from 'express';
import { askBacktest } from '#alerts/rules/ask-backtest.ts';
import { applyRules, deleteRule, exportRules, NameTakenError, saveRule } from '#alerts/rules/manage.ts';
import {
  acknowledgeAlertOfRule,
  giveVerdict,
  peopleOf,
  snoozeAlertOfRule,
  writeNote,
} from '#alerts/rules/people.ts';
import { listAlertsOfRules, listRules, ruleAlertDetail } from '#alerts/rules/views.ts';
import { RulesFileError, readRulesFile } from '#alerts/rules/yaml.ts';
import {
  acknowledgeRuleAlert,
  backtestRule,
  createRule,
  deleteRule as deleteRuleEndpoint,
  listRuleAlerts,
  listRules as listRulesEndpoint,
  replaceRule,
  ruleAlertById,
  snoozeRuleAlert,
} from '#contract/rule.ts';
import {
  applyRules as applyRulesEndpoint,
  exportRules as exportRulesEndpoint,
} from '#contract/rules-file.ts';
import { alertPeopleById, postNote, postVerdict } from '#contract/verdict.ts';
import { HttpProblem, notFound } from '../problem.ts';
import { serve } from '../serve.ts';
import { serveFile } from '../serve-file.ts';
import type { Services } from '../services.ts';

/** Plain rules, their alerts, what people say of alerts, and all of it as a file. */
export function rulesRoutes(router: Router, { alerts }: Services): void {
  serve(router, listRulesEndpoint, async () => ({ rules: await listRules(alerts) }));
  serve(router, createRule, async rule => {
    const saved = await refused(() => saveRule(alerts, rule));
    return found(saved, 'rule', rule.name);
  });
  serveFile(router, exportRulesEndpoint, async () => {
    const text = await exportRules(alerts);
    return {
      name: 'driftline.yaml',
      contentType: 'application/yaml; charset=utf-8',
      async *stream() {
        yield Buffer.from(text);
      },
    };
  });
  serve(router, applyRulesEndpoint, async ({ yaml, dry_run }) =>
    refused(() => applyRules(alerts, readRulesFile(yaml), dry_run)),
  );
  serve(router, backtestRule, asked => askBacktest(alerts, asked));
  serve(router, replaceRule, async (rule, { params }) =>
    found(await refused(() => saveRule(alerts, rule, params.id)), 'rule', params.id),
  );
  serve(router, deleteRuleEndpoint, async (_asked, { params }) => {
    if (!(await deleteRule(alerts, params.id))) throw notFound(`There is no rule ${params.id}.`);
    return {};
  });

  serve(router, listRuleAlerts, async asked => ({ alerts: await listAlertsOfRules(alerts, asked) }));
  serve(router, ruleAlertById, async (_asked, { params }) =>
    found(await ruleAlertDetail(alerts, params.id), 'alert', params.id),
  );
  serve(router, acknowledgeRuleAlert, async ({ by }, { params }) =>
    found(await acknowledgeAlertOfRule(alerts, params.id, by), 'alert', params.id),
  );
  serve(router, snoozeRuleAlert, async ({ hours }, { params }) =>
    found(await snoozeAlertOfRule(alerts, params.id, hours), 'alert', params.id),
  );

  serve(router, alertPeopleById, async (_asked, { params }) =>
    found(await peopleOf(alerts, params.id), 'alert', params.id),
  );
  serve(router, postVerdict, async (asked, { params }) =>
    found(await giveVerdict(alerts, params.id, asked), 'alert', params.id),
  );
  serve(router, postNote, async (asked, { params }) =>
    found(await writeNote(alerts, params.id, asked), 'alert', params.id),
  );
}

function found<Found>(one: Found | null, what: string, id: string): Found {
  if (one === null) throw notFound(`There is no ${what} ${id}.`);
  return one;
}

/** What the caller can put right is a 400 and says how. */
async function refused<Reply>(work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RulesFileError) throw new HttpProblem(400, error.message);
    if (error instanceof NameTakenError) throw new HttpProblem(409, error.message);
    throw error;
  }
}
