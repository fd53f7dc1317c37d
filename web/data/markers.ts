import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { markers } from '#contract/feature.ts';
import { type View, whereOf } from '../state/view.ts';
import { question } from './ask.ts';

/** First sights of prompts, models and releases, and alerts, in the view's time. */
export const useMarkers = (view: View) =>
  useQuery({
    ...question<typeof markers>('/api/v1/markers', { from: view.from, to: view.to, where: whereOf(view) }),
    placeholderData: keepPreviousData,
    select: reply => reply.markers,
  });
