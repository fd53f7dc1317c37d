/** The shape of pino's methods that the collector uses. */
export interface CollectorLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Places where tests end the process, or leave it hanging, to see that nothing is lost or doubled. */
export const crashPointNames = [
  'wal-before-fsync',
  'wal-after-fsync',
  'spans-inserted',
  'calls-inserted',
  'segment-deleted',
] as const;
/** Those of them that are behind the door. */
export const storingPointNames: readonly CrashPointName[] = ['spans-inserted', 'calls-inserted'];
/** Places where tests let the work fail as by a bug of ours. */
export const bugPointNames = ['decoding'] as const;
export type CrashPointName = (typeof crashPointNames)[number] | (typeof bugPointNames)[number];

/** Those at the door. */
export const doorPointNames: readonly CrashPointName[] = [...crashPointNames, ...bugPointNames].filter(
  name => !storingPointNames.includes(name),
);

export type CrashPoint = (name: CrashPointName) => void | Promise<void>;
