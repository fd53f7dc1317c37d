import { expect, test } from 'vitest';
import { severityStatus } from './severity.ts';

test.each([
  ['ERROR', 'critical'],
  ['error', 'critical'],
  ['FATAL', 'critical'],
  ['Critical', 'critical'],
  ['WARN', 'warning'],
  ['warning', 'warning'],
  ['INFO', 'neutral'],
  ['debug', 'neutral'],
  ['', 'neutral'],
] as const)('%s is %s', (severity, status) => expect(severityStatus(severity)).toBe(status));
