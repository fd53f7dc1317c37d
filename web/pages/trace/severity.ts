import type { Status } from '../../ui/status.tsx';

/** How bad a log record is; senders write the word as their logging library does. */
export function severityStatus(severity: string): Status {
  if (/^(fatal|error|err|crit|critical|alert|emerg|panic|severe)/i.test(severity)) return 'critical';
  return /^warn/i.test(severity) ? 'warning' : 'neutral';
}
