// Runs before the first paint; a file of its own because the page allows no inline script.
(() => {
  const root = document.documentElement;
  let choice = null;
  try {
    choice = localStorage.getItem('driftline.theme');
  } catch {
    // Storage may be forbidden; the system's theme is right then.
  }
  const dark = choice ? choice === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'dark' : 'light';
  root.dataset.page = location.pathname === '/' ? 'overview' : 'other';
})();
