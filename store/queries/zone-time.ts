/** Of `2026-10-25T02:00:00`. */
const timeLength = 19;
const formats = new Map<string, Intl.DateTimeFormat>();

/** `2026-10-25T02:00:00+01:00`: the wall clock of the zone with its offset at that instant. */
export function isoInZone(ms: number, tz: string): string {
  let format = formats.get(tz);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: tz,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'longOffset',
    });
    formats.set(tz, format);
  }
  const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  const offset = part.timeZoneName?.replace('GMT', '').replace('+00:00', '') || 'Z';
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}${offset}`;
}

const dayMs = 86_400_000;

/** As `isoInZone`, for many instants: the zone is asked about each day of UTC once, but for days that its offset changes in. */
export function isoTeller(tz: string): (ms: number) => string {
  const offsets = new Map<number, string>();
  const offsetAt = (ms: number) => {
    const offset = offsets.get(ms) ?? isoInZone(ms, tz).slice(timeLength);
    offsets.set(ms, offset);
    return offset;
  };
  return ms => {
    const day = Math.floor(ms / dayMs) * dayMs;
    const offset = offsetAt(day);
    const known = /^(?:Z|([+-])(\d\d):(\d\d))$/.exec(offset);
    if (!known || offset !== offsetAt(day + dayMs)) return isoInZone(ms, tz);
    const [, sign, hours = 0, minutes = 0] = known;
    const aheadMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
    return new Date(ms + aheadMs).toISOString().slice(0, timeLength) + offset;
  };
}
