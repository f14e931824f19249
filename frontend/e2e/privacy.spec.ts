import { readFile } from 'node:fs/promises';

import { expect, test } from '@playwright/test';

import { phone } from './support/browser';
import { followUp, propose } from './support/citizen';
import { heading, press } from './support/form';
import { mailsTo } from './support/mail';
import { expectAccessible, languages, watch, words } from './support/page';

test.use(phone);

for (const lang of languages) {
  const w = words[lang].privacy;

  test(`${lang}: one sees, corrects, takes away and erases what is personal`, async ({ page }) => {
    const expectNoFault = watch(page);
    const title = lang === 'ar' ? 'مقترح سأمحوه بعد قليل' : 'Une proposition que j’effacerai';
    const text =
      lang === 'ar' ? 'الطريق إلى المدرسة مظلمة في الشتاء كله.' : 'Le chemin de l’école reste noir tout l’hiver.';
    const first = `avant-${lang}@example.org`;
    const { code } = await propose(page, lang, { title, problem: text, solution: text }, first);
    await followUp(page, lang, code, title);
    await expect(page.locator('[data-privacy-notice="contact"]')).toBeVisible();

    await press(page, w.mine.see);
    await expect(page.getByText(first)).toBeVisible();
    await expect(page.getByText(words[lang].common.gender.female)).toBeVisible();
    await expectAccessible(page);

    const downloading = page.waitForEvent('download');
    await press(page, w.mine.download);
    const file = JSON.parse(await readFile(await (await downloading).path(), 'utf8')) as Record<string, unknown>;
    expect([file.title, file.problem, file.email]).toEqual([title, text, first]);

    await page.getByLabel(w.mine.newEmail).fill('sans arobase');
    await press(page, w.mine.save);
    await expect(page.getByText(w.mine.invalid)).toBeVisible();
    await expect(page.getByLabel(w.mine.newEmail)).toHaveValue('sans arobase');
    const second = `apres-${lang}@example.org`;
    await page.getByLabel(w.mine.newEmail).fill(second);
    await press(page, w.mine.save);
    await expect(page.getByText(w.mine.saved)).toBeVisible();

    // the mail that confirms it is also the way out
    await expect.poll(async () => (await mailsTo(second)).length).toBeGreaterThan(0);
    const leave = /https?:\S+\/unsubscribe\/#\S+/.exec((await mailsTo(second)).join('\n'))?.[0] ?? '';
    expect(new URL(leave).hash).toMatch(/^#\d+-[0-9a-f]{64}$/);
    const other = await page.context().newPage();
    await other.goto(leave);
    await other.getByRole('button', { name: w.unsubscribe.confirm }).click();
    await expect(other.getByText(w.unsubscribe.done)).toBeVisible();
    await expectAccessible(other);
    await other.close();

    await press(page, w.mine.erase);
    const dialog = page.getByRole('dialog', { name: w.mine.eraseTitle });
    await expect(dialog.getByText(w.mine.eraseWithdraws)).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: w.mine.eraseConfirm }).click();
    await expect(dialog.getByText(w.mine.understoodRequired)).toBeVisible();
    await dialog.getByRole('checkbox', { name: w.mine.understood }).check();
    await dialog.getByRole('button', { name: w.mine.eraseConfirm }).click();
    await expect(heading(page, w.gone.title)).toBeVisible();
    await expect(page.getByText(title)).toHaveCount(0);
    await expect(page.getByText(words[lang].stateForAuthor.withdrawn)).toBeVisible();
    await expectAccessible(page);
    await followUp(page, lang, code, w.gone.title);
    expectNoFault();
  });

  test(`${lang}: the notice stands wherever something is asked, and a page says it all`, async ({ page }) => {
    for (const [path, about] of [
      ['follow-up', 'follow'],
      ['sign-in', 'staff'],
    ]) {
      await page.goto(`/${lang}/${path}/`);
      const notice = page.locator(`[data-privacy-notice="${about}"]`);
      await expect(notice).toBeVisible();
      await notice.getByText(w.notice.more).click();
      for (const label of [w.notice.recipientsLabel, w.notice.rightsLabel, w.notice.retentionLabel, w.notice.cndpLabel])
        await expect(notice.getByText(label, { exact: true })).toBeVisible();
      await expectAccessible(page);
    }
    await page.getByRole('contentinfo').getByRole('link', { name: words[lang].common.nav.privacy }).click();
    await expect(heading(page, w.page.title)).toBeVisible();
    await expect(page.getByText(w.notice.cndpLabel)).toBeVisible();
    await expectAccessible(page);
    await page.goto(`/${lang}/unsubscribe/`);
    await expect(page.getByText(w.unsubscribe.bad)).toBeVisible();
  });
}
