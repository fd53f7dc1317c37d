#!/usr/bin/env node
// `npx driftline …`: sets up what is missing, then runs the compiled program.
await import('./setup.js');
await import('../dist/main.js');
