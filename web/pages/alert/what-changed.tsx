import { Link } from '@tanstack/react-router';
import type { AlertDetail } from '#contract/alert.ts';
import type { Dimension } from '#contract/dimension.ts';
import { exact, lasted, MINUTE_MS, viewerZone } from '../../clock.ts';
import { format } from '../../format.ts';
import { dimensionLabels, writeFilters } from '../../state/filters.ts';
import { absolute } from '../../state/range.ts';
import { alertRange, worstFirst, writeFigure } from './alert-figures.ts';
import { Block } from './block.tsx';

/** A segment that explains less of the shift than this is not named as a cause. */
export const EXPLAINS_AT_LEAST = 0.2;
const NEAR_MS = 24 * 60 * MINUTE_MS;

/** First sights near the change, and the segments whose calls moved. */
export function WhatChanged({ alert }: { alert: AlertDetail }) {
  const { segments, changes } = alert;
  const near = changes.filter(one => Math.abs(one.minutes_from_change) * MINUTE_MS <= NEAR_MS);
  const telling = segments.filter(one => one.explained >= EXPLAINS_AT_LEAST);
  const quiet = [
    ...new Set(segments.filter(one => one.explained < EXPLAINS_AT_LEAST).map(one => label(one.dimension))),
  ].filter(name => !telling.some(one => label(one.dimension) === name));
  return (
    <Block title="What changed">
      {near.length > 0 && (
        <ul className="mb-3 flex flex-col gap-1">
          {near.slice(0, 5).map(one => (
            <li key={`${one.kind} ${one.value}`} title={exact(Date.parse(one.at), viewerZone())}>
              <span className="capitalize">{one.kind}</span>{' '}
              <span className="font-semibold">{one.value}</span>{' '}
              <span className="text-muted">first seen {distance(one.minutes_from_change)}</span>
            </li>
          ))}
        </ul>
      )}
      {telling.length === 0 ? (
        <p className="text-muted">No single segment explains this.</p>
      ) : (
        <ul className="flex flex-col gap-1">
          {telling.map(segment => (
            <SegmentBar key={`${segment.dimension} ${segment.value}`} alert={alert} segment={segment} />
          ))}
        </ul>
      )}
      {quiet.length > 0 && (
        <p className="mt-2 text-muted">{sentenceCase(quiet.join(', '))}: no clear difference.</p>
      )}
      {near.length === 0 && (
        <p className="mt-2 text-muted">
          No new model, prompt version or release was seen within a day of the change.
        </p>
      )}
    </Block>
  );
}

/** `Model, prompt version`. */
const sentenceCase = (text: string) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();

const label = (dimension: string) => dimensionLabels[dimension as Dimension] ?? dimension;

function distance(minutes: number): string {
  const size = lasted(Math.abs(minutes) * MINUTE_MS);
  if (Math.abs(minutes) < 1) return 'at the same time';
  return minutes < 0 ? `${size} before` : `${size} after`;
}

interface SegmentBarProps {
  alert: AlertDetail;
  segment: AlertDetail['segments'][number];
}

/** How much of the shift lies in one segment; leads to its traces. */
function SegmentBar({ alert, segment }: SegmentBarProps) {
  const { changedMs, endMs } = alertRange(alert, Date.now());
  const known = Object.hasOwn(dimensionLabels, segment.dimension);
  const filters = writeFilters([
    { dimension: 'feature', value: alert.feature },
    ...(known ? [{ dimension: segment.dimension as Dimension, value: segment.value }] : []),
  ]);
  const share = Math.min(1, Math.max(0, segment.explained));
  return (
    <li>
      <Link
        to="/traces"
        search={{ ...absolute(changedMs, endMs), f: filters, ...worstFirst(alert.metric) }}
        className="relative -mx-2 block rounded-control px-2 py-2 hover:bg-surface"
        title="Show these traces"
      >
        <span className="flex items-baseline justify-between gap-3">
          <span className="min-w-0 break-words">
            <span className="text-muted">{label(segment.dimension)}</span>{' '}
            <span className="font-semibold">{segment.value || '(none)'}</span>
          </span>
          <span className="shrink-0 whitespace-nowrap">
            explains {format.percent(Math.round(share * 100) / 100)}
          </span>
        </span>
        <span className="mt-1 block h-1.5 overflow-hidden rounded-full bg-surface">
          <span className="block h-full rounded-full bg-accent" style={{ width: `${share * 100}%` }} />
        </span>
        <span className="mt-1 block text-label text-muted">
          {writeFigure(segment.before, alert.unit)} → {writeFigure(segment.after, alert.unit)},{' '}
          {format.count(segment.calls_before)} calls before, {format.count(segment.calls_after)} after
        </span>
      </Link>
    </li>
  );
}
