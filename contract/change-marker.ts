import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** Something that was changed by hand or by a pipeline and does not show in the calls. */
export const changeMarker = z.object({
  id: z.string(),
  /** `config`, `deploy`, `flag`, `prompt`, `data`: whatever the sender calls it. */
  kind: z.string(),
  /** What changed, in a line: `temperature 0.2 to 0.7`. */
  title: z.string(),
  at: z.string(),
  /** What it concerns; null: everything. */
  feature: z.string().nullable(),
  environment: z.string().nullable(),
  by: z.string(),
  /** Where more is to be read, such as the pipeline's run. */
  url: z.string().nullable(),
});
export type ChangeMarker = z.infer<typeof changeMarker>;

export const postChangeMarker = endpoint(
  'POST',
  '/api/v1/drift/markers',
  'Say that something was changed, so that an alert near that time names it. Baselines stay as they are',
  z.object({
    /** Of the sender's choosing: the same id again replaces the marker, so that a pipeline may retry. Default: a new one. */
    id: z
      .string()
      .regex(/^[A-Za-z0-9_.:-]{1,128}$/, 'letters, digits and _.:- only')
      .optional(),
    kind: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'small letters, digits, dashes and underscores')
      .default('config'),
    title: z.string().trim().min(1).max(300),
    /** Default: now. */
    at: z.iso.datetime({ offset: true }).optional(),
    feature: z.string().min(1).max(200).optional(),
    environment: z.string().min(1).max(200).optional(),
    by: z.string().min(1).max(128).default('deploy'),
    url: z.httpUrl().max(2000).optional(),
  }),
  changeMarker,
);

export const listChangeMarkers = endpoint(
  'GET',
  '/api/v1/drift/markers',
  'What was said to have changed, newest first',
  z.object({
    feature: z.string().optional(),
    from: z.iso.datetime({ offset: true }).optional(),
    to: z.iso.datetime({ offset: true }).optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  z.object({ markers: z.array(changeMarker) }),
);
