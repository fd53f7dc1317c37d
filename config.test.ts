import { expect, test } from 'vitest';
import { readSettings, SettingsError, toEnvironment } from './config.ts';

test('nothing set gives the documented defaults', () => {
  expect(readSettings({})).toMatchObject({
    dataDir: './data',
    host: '127.0.0.1',
    port: 8080,
    otlpHttpPort: 4318,
    otlpGrpcPort: 4317,
    captureContent: 'auto',
    reportingZone: 'UTC',
  });
});

test('a flag overrides the variable of the same name', () => {
  expect(readSettings({ DRIFTLINE_PORT: '1' }, { port: '0' }).port).toBe(0);
  expect(readSettings({}, { 'otlp-http-port': '5' }).otlpHttpPort).toBe(5);
  expect(readSettings({}, { 'clickhouse-url': 'http://h:8123' }).clickhouseUrl).toBe('http://h:8123');
});

test('every bad setting is named in one error', () => {
  const read = () =>
    readSettings({ DRIFTLINE_PORT: 'abc', DRIFTLINE_REPORTING_ZONE: 'Mars/Base', DRIFTLINE_PROT: '1' });
  expect(read).toThrow(SettingsError);
  expect(read).toThrow(
    /DRIFTLINE_PORT[\s\S]*DRIFTLINE_REPORTING_ZONE[\s\S]*DRIFTLINE_PROT: there is no such setting/,
  );
});

test('what the test suite sets for itself is no setting', () => {
  expect(readSettings({ DRIFTLINE_TEST_SEED: '1', DRIFTLINE_TEST_CRASH_FILE: '/tmp/x' })).toEqual(
    readSettings({}),
  );
});

test('an address others can reach needs a key', () => {
  expect(() => readSettings({ DRIFTLINE_HOST: '0.0.0.0' })).toThrow(/DRIFTLINE_ADMIN_KEY/);
  expect(readSettings({ DRIFTLINE_HOST: '0.0.0.0', DRIFTLINE_ADMIN_KEY: 'k'.repeat(32) }).host).toBe(
    '0.0.0.0',
  );
});

test('a child process reads the same settings', () => {
  const parent = readSettings({
    DRIFTLINE_PORT: '0',
    DRIFTLINE_ADMIN_KEY: 'k'.repeat(16),
    DATABASE_URL: 'postgres://h/d',
  });
  expect(readSettings(toEnvironment(parent))).toEqual(parent);
});

test('where to forward to: the headers are read at the start, and their values stay out of errors', () => {
  const url = 'https://otel.example.com/api';
  const read = (headers: string) =>
    readSettings({ DRIFTLINE_FORWARD_URL: url, DRIFTLINE_FORWARD_HEADERS: headers });
  expect(read('api-key=abc=,x-team=a%20b')).toMatchObject({ forwardUrl: url, forwardLimitMb: 2048 });
  expect(() => read('api-key secret')).toThrow(
    /DRIFTLINE_FORWARD_HEADERS="…": headers are written key=value/,
  );
  expect(() => read('api-key=%secret')).toThrow(/the value of api-key is not percent-encoded text/);
  expect(() => readSettings({ DRIFTLINE_FORWARD_URL: 'http://localhost:4318' })).toThrow(/circle/);
});
