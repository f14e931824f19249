import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

const files = new Map(
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.svelte'))
    .map((name) => [name, readFileSync(join('src', name), 'utf8')]),
);

/** Where people are asked for something personal: a text, a code, an address, a password. */
const asking = [
  'components/propose/StepFields.svelte',
  'components/FollowUp.svelte',
  'components/MyData.svelte',
  'components/StaffSignInForm.svelte',
  'routes/[lang=lang]/invitation/+page.svelte',
  'routes/[lang=lang]/follow-up/+page.svelte',
];

test('every form that asks for something personal has the notice of law 09-08 inside', () => {
  for (const name of asking) {
    const text = files.get(name) ?? '';
    const forms = text.match(/<form[\s>][\s\S]*?<\/form>/g) ?? [text];
    for (const form of forms) expect(form, name).toContain('<PrivacyNotice');
  }
});

test('nothing else sends what citizens give', () => {
  const sending = [...files]
    .filter(([, text]) => /api\/v1\/receipts\/|type="password"/.test(text))
    .map(([name]) => name);
  const others = sending.filter((name) => !asking.includes(name));
  // staff who have signed in, and were told there
  const own = ['routes/[lang=lang]/account/+page.svelte', 'routes/[lang=lang]/sign-in/password/+page.svelte'];
  expect(others.sort()).toEqual(own);
});
