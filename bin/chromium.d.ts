/** Path of a Chromium that the browser tests can drive, or null. CHROMIUM_PATH names one directly. */
export function findChromium(): string | null;
