import { Link } from '@tanstack/react-router';
import type { AlertDetail } from '#contract/alert.ts';
import type { Cause, Explanation } from '#contract/explanation.ts';
import { exact, timeNear, viewerZone } from '../../clock.ts';
import { format } from '../../format.ts';
import { writeFilters } from '../../state/filters.ts';
import { absolute } from '../../state/range.ts';
import { Block } from '../../ui/block.tsx';
import { alertRange, worstFirst, writeFigure } from './alert-figures.ts';
import {
  afterCommonWords,
  conditionWords,
  dimensionName,
  filtersOf,
  quietDimensions,
  shareOf,
  tellingCauses,
  verdictWords,
} from './causes.ts';
import { betweenWords, distanceWords } from './since.ts';

/** Where the shift came from, what came with it, and whether other traffic would explain it. */
export function WhatChanged({ alert }: { alert: AlertDetail }) {
  const { explanation } = alert;
  const telling = tellingCauses(explanation);
  const quiet = explanation ? quietDimensions(explanation) : [];
  return (
    <Block title="What changed">
      {alert.explanation_is_late ? (
        <p className="text-muted" role="status">
          Not worked out yet: the store is too busy. This page asks again by itself.
        </p>
      ) : telling.length === 0 ? (
        <p className="text-muted">No single segment explains this.</p>
      ) : (
        <ul className="flex flex-col gap-1">
          {telling.map(cause => (
            <CauseBar key={conditionWords(cause.conditions)} alert={alert} cause={cause} />
          ))}
        </ul>
      )}
      {quiet.length > 0 && (
        <p className="mt-1 text-muted">{sentenceCase(quiet.join(', '))}: no clear difference.</p>
      )}
      {explanation && <MixLine explanation={explanation} />}
      <NewNearby alert={alert} />
      {explanation && explanation.outcomes.length > 0 && (
        <p className="mt-3">
          {explanation.outcomes.map(one => (
            <span key={`${one.dimension} ${one.value}`} className="block">
              <span className="text-muted">{dimensionName(one.dimension)}</span>{' '}
              <span className="font-semibold">{one.value}</span>{' '}
              <span className="text-muted">carries {format.percent(shareOf(one.explained))}</span>
            </span>
          ))}
        </p>
      )}
      {explanation && explanation.sampled > 1 && (
        <p className="mt-2 text-label text-muted">About, from 1 in {explanation.sampled} requests.</p>
      )}
    </Block>
  );
}

/** First sights, deploys and markers near the change, the likeliest first. */
function NewNearby({ alert }: { alert: AlertDetail }) {
  const between = betweenWords(alert.changed_between, Date.now(), viewerZone());
  if (alert.changes.length === 0)
    return (
      <p className="mt-3 border-t border-line pt-3 text-muted">
        Nothing new was seen within a day of the change: no model, prompt version, release, SDK version,
        price, tool or error, and nobody set a marker.
      </p>
    );
  return (
    <div className="mt-3 border-t border-line pt-3">
      <h3 className="mb-1 text-label text-muted">
        {between ? `Near the time it began, between ${between}` : 'Near the time it began'}
      </h3>
      <ul className="flex flex-col gap-1.5">
        {alert.changes.slice(0, 6).map(one => (
          <li key={`${one.kind} ${one.value} ${one.at}`} title={exact(Date.parse(one.at), viewerZone())}>
            <span className="text-muted">
              {isSaid(one.kind) ? dimensionName(one.kind) : `New ${dimensionName(one.kind).toLowerCase()}`}
            </span>{' '}
            {one.url ? (
              <a href={one.url} rel="noreferrer noopener" className="font-semibold break-words underline">
                {one.value}
              </a>
            ) : (
              <span className="font-semibold break-words">{one.value}</span>
            )}
            <span className="block text-label text-muted">
              {[
                `${timeNear(Date.parse(one.at), Date.now(), viewerZone())}, ${distanceWords(one, alert.changed_between !== null)}`,
                one.share !== null &&
                  `${format.percent(Math.round(one.share * 100) / 100)} of requests since`,
                one.by && `by ${one.by}`,
              ]
                .filter(Boolean)
                .join(' · ')}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Not seen in the calls but told by somebody. */
const isSaid = (kind: string) => kind === 'deploy' || kind === 'marker';

/** Mix or regression: two parts that add up to the shift. */
function MixLine({ explanation }: { explanation: Explanation }) {
  const { split, moved, verdict } = explanation;
  const mix = split && split.shift !== 0 ? shareOf(split.mix / split.shift) : 0;
  const showsMix = verdict === 'mix' || verdict === 'both';
  return (
    <div className="mt-3 border-t border-line pt-3">
      {showsMix && (
        <div
          className="mb-2 flex h-1.5 overflow-hidden rounded-full"
          role="img"
          aria-label={`${format.percent(mix)} traffic mix, ${format.percent(1 - mix)} within the same requests`}
        >
          <span className="bg-muted" style={{ width: `${mix * 100}%` }} />
          <span className="flex-1 bg-accent" />
        </div>
      )}
      <p>{verdictWords(explanation)}</p>
      {showsMix && (
        <ul className="mt-1 text-muted">
          {moved
            .filter(one => one.explained >= 0.1)
            .slice(0, 3)
            .map(one => (
              <li key={`${one.dimension} ${one.value}`}>
                {dimensionName(one.dimension)}{' '}
                <span className="font-semibold text-ink">{one.value || '(none)'}</span>{' '}
                {format.percent(one.share_before)} → {format.percent(one.share_after)} of requests
              </li>
            ))}
        </ul>
      )}
    </div>
  );
}

/** `Model, prompt version`. */
const sentenceCase = (text: string) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();

/** How much of the shift lies in one segment; leads to its traces. */
function CauseBar({ alert, cause }: { alert: AlertDetail; cause: Cause }) {
  const { changedMs, endMs } = alertRange(alert, Date.now());
  const filters = writeFilters([
    { dimension: 'feature', value: alert.feature },
    ...filtersOf(cause.conditions),
  ]);
  const share = shareOf(cause.explained);
  const alike = cause.same_calls.map(conditionWords);
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
            {cause.conditions.map(({ dimension, value }, at) => (
              <span key={dimension}>
                {at > 0 && <span className="text-muted"> and </span>}
                <span className="text-muted">{dimensionName(dimension)}</span>{' '}
                <span className="font-semibold">
                  {at === 0 && cause.instead_of
                    ? `${cause.instead_of} → ${afterCommonWords(cause.instead_of, value)}`
                    : value || '(none)'}
                </span>
              </span>
            ))}
          </span>
          <span className="shrink-0 whitespace-nowrap">
            explains {format.percent(Math.round(share * 100) / 100)}
          </span>
        </span>
        <span className="mt-1 block h-1.5 overflow-hidden rounded-full bg-surface">
          <span className="block h-full rounded-full bg-accent" style={{ width: `${share * 100}%` }} />
        </span>
        <span className="mt-1 block text-label text-muted">
          <SegmentFigures alert={alert} cause={cause} />
          {format.percent(cause.covered)} of requests, {certainty(cause.p_value)}
          {alike.length > 0 && `; the same requests: ${alike.join(', ')}`}
        </span>
      </Link>
    </li>
  );
}

/** The chance that one of all segments tried looks like this by noise. */
const certainty = (p: number) => (p < 0.0001 ? 'p < 0.0001' : `p = ${format.plain(p)}`);

/** What the segment itself reads: its own p95 for latency, else the mean in the alert's unit. */
function SegmentFigures({ alert, cause }: { alert: AlertDetail; cause: Cause }) {
  const unit = cause.p95 ? 'ms' : alert.unit;
  const [before, after] = cause.p95 ? [cause.p95.before_ms, cause.p95.after_ms] : [cause.before, cause.after];
  if (after === null) return null;
  return (
    <>
      {cause.p95 && 'p95 '}
      {before === null || cause.is_new ? 'new' : writeFigure(before, unit)} → {writeFigure(after, unit)},{' '}
    </>
  );
}
