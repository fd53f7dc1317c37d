import type { Migration } from 'kysely';
import { up as tables } from './0001-tables.ts';
import { up as ingestReport } from './0002-ingest-report.ts';
import { up as priceBook } from './0003-price-book.ts';
import { up as ledger } from './0004-ledger.ts';
import { up as budgets } from './0005-budgets.ts';
import { up as deliveries } from './0006-deliveries.ts';
import { up as reconciliations } from './0007-reconciliations.ts';
import { up as scoring } from './0010-scoring.ts';
import { up as golden } from './0011-golden.ts';
import { up as judges } from './0012-judges.ts';
import { up as review } from './0013-review.ts';
import { up as modelCards } from './0014-model-cards.ts';
import { up as trainingSchedules } from './0015-training-schedules.ts';
import { up as goldenToolCalls } from './0016-golden-tool-calls.ts';
import { up as drift } from './0017-drift.ts';
import { up as rollUpHours } from './0018-roll-up-hours.ts';
import { up as incidentEvidence } from './0019-incident-evidence.ts';
import { up as alertRules } from './0020-alert-rules.ts';
import { up as channels } from './0024-channels.ts';
import { up as quietSeries } from './0025-quiet-series.ts';
import { up as changeMarkers } from './0028-change-markers.ts';
import { up as anchorSets } from './0034-anchor-sets.ts';
import { up as closedAmounts } from './0039-closed-amounts.ts';

/** In the order of their names. An applied one stays as it is; a change to the schema is a new one. */
export const migrations: Record<string, Migration> = {
  '0001-tables': { up: tables },
  '0002-ingest-report': { up: ingestReport },
  '0003-price-book': { up: priceBook },
  '0004-ledger': { up: ledger },
  '0005-budgets': { up: budgets },
  '0006-deliveries': { up: deliveries },
  '0007-reconciliations': { up: reconciliations },
  '0010-scoring': { up: scoring },
  '0011-golden': { up: golden },
  '0012-judges': { up: judges },
  '0013-review': { up: review },
  '0014-model-cards': { up: modelCards },
  '0015-training-schedules': { up: trainingSchedules },
  '0016-golden-tool-calls': { up: goldenToolCalls },
  '0017-drift': { up: drift },
  '0018-roll-up-hours': { up: rollUpHours },
  '0019-incident-evidence': { up: incidentEvidence },
  '0020-alert-rules': { up: alertRules },
  '0024-channels': { up: channels },
  '0025-quiet-series': { up: quietSeries },
  '0028-change-markers': { up: changeMarkers },
  '0034-anchor-sets': { up: anchorSets },
  '0039-closed-amounts': { up: closedAmounts },
};
