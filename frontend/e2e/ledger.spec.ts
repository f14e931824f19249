import { readFile } from 'node:fs/promises';

import { expect, test, type Page } from '@playwright/test';

import { phone } from './support/browser';
import { propose, submit } from './support/citizen';
import { signLedger } from './support/committee';
import { heading, idea, press } from './support/form';
import { expectAccessible, expectLanguage, languages, watch, words } from './support/page';

test.use(phone);

interface Proof {
  entry: string;
  content: string;
  salt: string;
}

/** The text of what a press of the button saves. */
async function saved(page: Page, button: string): Promise<string> {
  const downloading = page.waitForEvent('download');
  await press(page, button);
  return readFile(await (await downloading).path(), 'utf8');
}

for (const lang of languages) {
  const w = words[lang].ledger;
  const told = (page: Page) => page.getByRole('region', { name: w.check.title });
  const checkText = async (page: Page, text: string) => {
    await page.getByLabel(w.check.text).fill(text);
    await press(page, w.check.submit);
  };

  test(`${lang}: a proof is kept, checked in one click, as a file and as text, and a changed one is refused`, async ({
    page,
    request,
    baseURL,
  }) => {
    const expectNoFault = watch(page);
    const { reference } = await propose(page, lang, idea[lang]);
    await signLedger(request, baseURL);
    const downloading = page.waitForEvent('download');
    await press(page, words[lang].proof.save);
    const file = await (await downloading).path();
    const proof = await readFile(file, 'utf8');
    const { entry, content, salt } = JSON.parse(proof) as Proof;
    expect(content).toContain(idea[lang].title);

    const sent: string[] = [];
    page.on('request', (each) => sent.push(each.url() + (each.postData() ?? '')));
    await page.getByRole('link', { name: words[lang].proof.check }).click();
    await expect(heading(page, w.title)).toBeVisible();
    await expectLanguage(page, lang);
    const steps = [w.found.words_right, w.found.entry_right, w.found.promise_right, w.found.note_right];
    await expect(told(page).getByText(w.right.receipt)).toBeInViewport();
    await expect(told(page).getByText(reference)).toBeVisible();
    await expect(told(page).getByRole('listitem')).toContainText([...steps, w.found.place_right]);
    await expectAccessible(page);

    // nothing of it stays once the page is loaded again
    await page.reload();
    await expect(page.getByLabel(w.check.text)).toHaveValue('');
    await expect(page.getByText(w.right.receipt)).toHaveCount(0);
    await page.getByLabel(w.check.file).setInputFiles(file);
    await expect(told(page).getByText(w.right.receipt)).toBeVisible();

    await page.getByLabel(w.check.text).fill(proof.replace(idea[lang].title, `${idea[lang].title} 2`));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect(told(page).getByText(w.wrong)).toBeVisible();
    await expect(told(page).getByText(w.wrongHelp)).toBeVisible();
    await expect(told(page).getByRole('listitem')).toContainText([w.found.words_wrong, ...steps.slice(1)]);
    await expect(told(page).getByText(reference)).toHaveCount(0);
    await expectAccessible(page);

    const moved = entry.replace('"to":"submitted"', '"to":"retained"');
    await checkText(page, JSON.stringify({ ...(JSON.parse(proof) as Proof), entry: moved }));
    await expect(told(page).getByText(w.found.place_unknown)).toBeVisible();
    await expect(told(page).getByText(w.found.entry_wrong)).toBeVisible();
    await expect(told(page).getByText(w.found.promise_wrong)).toBeVisible();
    await checkText(page, proof);
    await expect(told(page).getByText(w.right.receipt)).toBeVisible();

    // the server learns the hash of the line, and nothing that the file holds
    expect(sent.filter((each) => each.includes('/ledger/inclusion?leaf='))).toHaveLength(5);
    for (const each of sent)
      for (const secret of [salt, encodeURIComponent(salt), idea[lang].title, reference])
        expect(decodeURIComponent(each)).not.toContain(secret);
    expect(new URL(page.url()).search).toBe('');
    expectNoFault();
  });

  test(`${lang}: a checkpoint that was kept shows that the ledger only grew`, async ({ page, request, baseURL }) => {
    await signLedger(request, baseURL);
    await page.goto(`/${lang}/ledger/`);
    const kept = await saved(page, w.take.checkpoint);
    await submit(request, idea[lang], lang);
    await signLedger(request, baseURL);

    await checkText(page, kept);
    await expect(told(page).getByText(w.right.checkpoint)).toBeVisible();
    await expect(told(page).getByRole('listitem')).toContainText([
      w.found.kept_right,
      w.found.note_right,
      w.found.growth_right,
    ]);
    await checkText(page, kept.replace(/\n\d+\n/, '\n1\n'));
    await expect(told(page).getByText(w.found.kept_wrong)).toBeVisible();
    await checkText(page, 'qwerty');
    await expect(told(page).getByText(w.found.unreadable)).toBeVisible();
    await expect(told(page).getByText(w.wrongHelp)).toHaveCount(0);

    await page.getByLabel(w.check.text).fill('');
    await press(page, w.check.submit);
    await expect(page.getByLabel(w.check.file)).toBeFocused();
    await expect(page.getByLabel(w.check.file)).toHaveAccessibleDescription(new RegExp(w.check.missing));
    await expectAccessible(page);
  });

  test(`${lang}: what could not be checked is not called right`, async ({ page, request, baseURL }) => {
    await propose(page, lang, idea[lang]);
    const proof = await saved(page, words[lang].proof.save);
    await signLedger(request, baseURL);
    await page.goto(`/${lang}/ledger/`);

    const waits = { position: null, path: [], checkpoint: null };
    await page.route('**/api/v1/ledger/inclusion*', (route) => route.fulfill({ json: waits }), { times: 1 });
    await checkText(page, proof);
    await expect(told(page).getByText(w.waits)).toBeVisible();
    await expect(told(page).getByText(w.found.place_waits)).toBeVisible();
    await expectAccessible(page);
    await press(page, w.check.again);
    await expect(told(page).getByText(w.right.receipt)).toBeVisible();

    await page.route('**/api/v1/ledger/inclusion*', (route) => route.abort(), { times: 1 });
    await press(page, w.check.submit);
    await expect(told(page).getByText(w.found.unreachable)).toBeVisible();
    await expect(told(page).getByText(w.found.words_right)).toBeVisible();
    await press(page, w.check.again);
    await expect(told(page).getByText(w.right.receipt)).toBeVisible();

    await page.context().setOffline(true);
    await press(page, w.check.submit);
    await expect(page.getByRole('alert')).toContainText(words[lang].common.problem.network);
    await expect(page.getByLabel(w.check.text)).toHaveValue(proof);
    await page.context().setOffline(false);
    await page.getByRole('alert').getByRole('button').click();
    await expect(told(page).getByText(w.right.receipt)).toBeVisible();

    await page.evaluate(() => {
      crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'));
    });
    await press(page, w.check.submit);
    await expect(told(page).getByText(w.unchecked)).toBeVisible();
    await expect(told(page).getByRole('listitem')).toContainText([
      w.found.words_right,
      w.found.entry_right,
      w.found.promise_unchecked,
      w.found.note_unchecked,
      w.found.place_right,
    ]);

    // as on a page that came without TLS
    await page.addInitScript(() => Object.defineProperty(crypto, 'subtle', { value: undefined }));
    await page.reload();
    await expect(page.getByText(w.check.noHash)).toBeVisible();
    await expect(page.getByRole('button', { name: w.check.submit, exact: true })).toHaveCount(0);
    await expect(page.getByTestId('root')).toHaveText(/^[0-9a-f]{64}$/);
    await expectAccessible(page);
  });

  test(`${lang}: the ledger is found, explained and taken away`, async ({ page, request, baseURL }) => {
    const expectNoFault = watch(page);
    await signLedger(request, baseURL);
    await page.goto(`/${lang}/about/`);
    await page.getByRole('link', { name: words[lang].about.ledgerLink }).click();
    await expect(heading(page, w.title)).toBeVisible();
    await page.goto(`/${lang}/`);
    await page.getByRole('contentinfo').getByRole('link', { name: words[lang].common.nav.ledger }).click();
    await expect(heading(page, w.title)).toBeVisible();
    for (const text of [...w.provesNot, w.erase]) await expect(page.getByText(text)).toBeVisible();
    await expectAccessible(page);

    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: w.take.log }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('ledger.ndjson');
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n');
    const checkpoint = await saved(page, w.take.checkpoint);
    expect(checkpoint.split('\n')[1]).toBe(String(lines.length));
    const key = (await saved(page, w.take.key)).trim();
    await expect(page.getByText('tachawor verify')).toBeVisible();
    await expect(page.getByText(`--key ${key}`)).toBeVisible();
    await expect(page.getByRole('heading', { name: w.figures.title })).toBeVisible();
    expectNoFault();
  });

  test(`${lang}: an empty ledger and one that does not answer are said to be`, async ({ page }) => {
    const ledger = { key: 'example.org/ledger+00000000+AA', size: 0, checkpoint: null };
    await page.route('**/api/v1/ledger', (route) => route.abort(), { times: 1 });
    await page.goto(`/${lang}/ledger/`);
    await expect(page.getByRole('alert')).toContainText(words[lang].common.problem.network);
    await page.route('**/api/v1/ledger', (route) => route.fulfill({ json: ledger }));
    await press(page, words[lang].common.retry);
    await expect(page.getByText(w.figures.empty)).toBeVisible();
    await expect(page.getByText(w.figures.unsigned)).toHaveCount(0);
    await expect(page.getByRole('link', { name: w.take.log })).toHaveCount(0);
    await expectAccessible(page);
  });
}
