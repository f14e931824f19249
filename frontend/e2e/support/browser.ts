import type { PlaywrightTestOptions, PlaywrightWorkerOptions } from '@playwright/test';

/** The distribution's Chromium, silent: it asks nobody on the network for anything of its own. */
export const chromium: Partial<PlaywrightTestOptions & PlaywrightWorkerOptions> = {
  browserName: 'chromium',
  timezoneId: 'Africa/Casablanca',
  launchOptions: {
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  },
};

export const phone = { viewport: { width: 360, height: 800 }, deviceScaleFactor: 2, hasTouch: true };
export const desktop = { viewport: { width: 1280, height: 900 } };
