import { useMutation } from '@tanstack/react-query';
import { apiKey } from './api-key.ts';
import { ApiError, problemOf } from './problem.ts';

/** Offers a file of the API for saving. A key cannot travel with a link, so with one the file is fetched first. */
export const useDownload = () =>
  useMutation({
    mutationFn: async ({ address, name }: { address: string; name: string }) => {
      const key = apiKey();
      if (!key) return save(address, name);
      const response = await fetch(address, { headers: { authorization: `Bearer ${key}` } }).catch(
        (cause: unknown) => {
          throw new ApiError(0, 'Driftline does not answer. Check that it is running and reachable.', '', {
            cause,
          });
        },
      );
      if (!response.ok) throw await problemOf(response);
      const url = URL.createObjectURL(await response.blob());
      save(url, name);
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
  });

function save(address: string, name: string) {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}

/** A cell that a spreadsheet reads as text even when it begins like a formula. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows as CSV (RFC 4180); what is missing is empty. */
export const csvOf = (rows: readonly (readonly (string | number | null)[])[]): string =>
  rows.map(row => `${row.map(cell).join(',')}\r\n`).join('');

/** Made in the browser, to be saved with `useDownload`. */
export const csvFile = (name: string, text: string) => ({
  address: URL.createObjectURL(new Blob([text], { type: 'text/csv' })),
  name: `${name.replaceAll(/[^\w.-]+/g, '-')}.csv`,
});
