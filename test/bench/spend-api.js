// The API alone, as a process of its own: nothing rolls up, checks or sends in it while it is being measured.
import { startApi } from '../../dist/api/start.js';
import { openClickHouse } from '../../dist/store/engine/client.js';
import { openState } from '../../dist/store/state/open.js';

const { dataDir, engine, reportingZone } = JSON.parse(process.env.DRIFTLINE_BENCH);
const log = { info() {}, warn() {}, error: (details, message) => console.error(message, details) };
const api = await startApi({
  host: '127.0.0.1',
  port: 0,
  clickhouse: openClickHouse(engine),
  state: await openState({ dataDir }),
  log,
  about: {
    version: 'bench',
    otlpHttpUrl: '',
    otlpGrpcUrl: '',
    keyRequired: false,
    localMode: true,
    privacy: { captureContent: 'on', isLoopback: true },
    reportingZone,
  },
  webDir: dataDir,
  demo: { childFile: '' },
  alerts: false,
});
process.send({ url: api.url });
process.on('disconnect', () => process.exit(0));
