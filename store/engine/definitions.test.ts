import { expect, test } from 'vitest';
import { unreadableDefinition } from './definitions.ts';

test.each([
  [
    'Code: 62. DB::Exception: Empty query: Cannot parse definition from metadata file store/9b3/9b3c415e-7530-4b6e-9493-8f88197ccc02/spans.sql. (SYNTAX_ERROR)',
    'store/9b3/9b3c415e-7530-4b6e-9493-8f88197ccc02/spans.sql',
  ],
  [
    'Code: 50. DB::Exception: Unknown data type family: X: Cannot attach table `driftline`.`spans` from metadata file store/9b3/9b3c415e-7530-4b6e-9493-8f88197ccc02/spans.sql from query ATTACH TABLE …',
    'store/9b3/9b3c415e-7530-4b6e-9493-8f88197ccc02/spans.sql',
  ],
  [
    'Code: 62. DB::Exception: Empty query: while loading database `driftline` from file metadata/driftline.sql. (SYNTAX_ERROR)',
    'metadata/driftline.sql',
  ],
  // The definition is not to blame when the parts are too broken.
  [
    'Code: 231. DB::Exception: Suspiciously many broken parts: Cannot attach table `driftline`.`spans` from metadata file store/9b3/9b3c415e-7530-4b6e-9493-8f88197ccc02/spans.sql from query …',
    null,
  ],
  ['Code: 62. DB::Exception: Cannot parse definition from metadata file ../../etc/x.sql.', null],
  ['Cannot lock file', null],
])('%s', (words, definition) => {
  expect(unreadableDefinition([words])).toBe(definition);
});
