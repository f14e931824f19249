import { expect, test } from '@playwright/test';

import { askAuthor } from './support/committee';
import { desktop, phone } from './support/browser';
import { followUp, submit } from './support/citizen';
import { fillIn, heading, idea, press } from './support/form';
import { expectAccessible, languages, watch, words } from './support/page';
import { accessible, signIn } from './support/staff';

for (const lang of languages) {
  const w = words[lang];

  test.describe(`${lang}: at a phone`, () => {
    test.use(phone);

    test('what could tell who somebody is is said before it is sent, and kept only knowingly', async ({ page }) => {
      const quiet = watch(page);
      const title = lang === 'ar' ? 'اتصلوا بي ٠٦ ١٢ ٣٤ ٥٦ ٧٨' : 'Appelez le 06.12.34.56.78';
      await fillIn(page, lang, { title });
      const keep = page.getByRole('checkbox', { name: w.propose.personal.keep });
      const warning = page.getByText(w.propose.personal.title);
      await expect(warning).toBeVisible();
      await expect(page.getByRole('status').filter({ has: warning })).toContainText(w.common.personalKind.phone);
      await expectAccessible(page);

      // not sent before it is taken out or kept knowingly
      await press(page, w.propose.send);
      await expect(page.getByText(w.propose.personal.required)).toBeVisible();
      await expect(keep).toBeFocused();
      await expectAccessible(page);

      // taken out: the warning is gone, and so is the question
      await page
        .getByRole('link', { name: w.propose.personal.remove.replace('{field}', w.propose.problem.name) })
        .click();
      await expect(heading(page, w.propose.problem.title)).toBeVisible();
      await page.getByLabel(w.propose.problem.name).fill(idea[lang].title);
      await press(page, w.propose.review);
      await expect(heading(page, w.propose.check.title)).toBeFocused();
      await expect(warning).toBeHidden();

      // put back and kept
      await page.goBack();
      await page.getByLabel(w.propose.problem.name).fill(title);
      await press(page, w.propose.review);
      await expect(warning).toBeVisible();
      await expect(keep).not.toBeChecked();
      await keep.check();
      const sent = page.waitForRequest(
        (request) => request.method() === 'POST' && request.url().endsWith('/proposals'),
      );
      await press(page, w.propose.send);
      expect((await sent).postDataJSON()).toMatchObject({ acknowledged_personal_data: true });
      await expect(heading(page, w.receipt.title)).toBeVisible();
      quiet();
    });

    test('a line on which nothing can be asked keeps nobody from sending', async ({ page }) => {
      await page.route('**/api/v1/text-check', (route) => route.abort());
      await fillIn(page, lang, { title: 'AB 0612345678' });
      await press(page, w.propose.send);
      await expect(heading(page, w.receipt.title)).toBeVisible();
    });
  });

  test.describe(`${lang}: at the desk`, () => {
    test.use(desktop);

    test('it is marked in the text and said in words, and copies are shown as a group', async ({ page, request }) => {
      const d = w.staff.desk;
      const number = lang === 'ar' ? '٠٦ ١٢ ٣٤ ٥٦ ٧٨' : '06-12-34-56-78';
      const text = {
        ar: {
          problem: 'حارس الملعب لا يفتح الباب إلا لأصحابه، ورقمه',
          solution: 'تعيين لجنة من سكان الحي لتدبير ملعب القرب.',
        },
        fr: {
          problem: 'Le gardien du stade n’ouvre qu’à ses amis, son numéro est le',
          solution: 'Confier le stade à un comité du quartier.',
        },
      }[lang];
      const title = lang === 'ar' ? 'ملعب للجميع' : 'Un stade pour tous';
      const same = { title, problem: `${text.problem} ${number}.`, solution: text.solution };
      const { reference } = await submit(request, same, lang);
      const other = await submit(request, { ...same, title: `${title} 2` }, lang);
      await signIn(page, 'moderator', lang);
      await page.goto(`/${lang}/desk/${reference}/`);
      await expect(page.locator('mark')).toHaveText(`${number} (${w.common.personalKind.phone})`);
      const line = d.personalLine.replace('{kind}', w.common.personalKind.phone).replace('{field}', w.proposal.problem);
      await expect(page.getByText(line)).toBeVisible();
      await expect(page.getByText(d.personalHeld)).toBeVisible();

      // the worker looks for copies within a second or so
      const copies = page.getByRole('region', { name: d.copies });
      await expect(async () => {
        await page.reload();
        await expect(copies.getByText(other.reference)).toBeVisible({ timeout: 1000 });
      }).toPass();
      await expect(copies.getByText(d.copiesHint)).toBeVisible();
      await accessible(page);

      const queue = page.getByRole('region', { name: d.queue });
      for (const [filter, tag] of [
        ['personal_data', d.personal],
        ['copies', lang === 'ar' ? 'نصان متشابهان' : '2 textes semblables'],
      ] as const) {
        await page.goto(`/${lang}/desk/?attention=${filter}`);
        const item = queue.getByRole('listitem').filter({ hasText: `${title} 2` });
        await expect(item.getByText(tag)).toBeVisible();
        await accessible(page);
      }
    });
  });
}

test.describe('an answer', () => {
  test.use(phone);

  test('is looked through as well', async ({ page, request, playwright, baseURL }) => {
    const w = words.ar;
    const { reference, code } = await submit(request, { ...idea.ar, title: 'سؤال عن الإنارة' });
    const committee = await playwright.request.newContext({ baseURL: baseURL ?? '' });
    await askAuthor(committee, baseURL, reference);
    await committee.dispose();
    await followUp(page, 'ar', code, 'سؤال عن الإنارة');
    await page.getByLabel(w.follow.answer).fill('اتصلوا بي على ٠٦١٢٣٤٥٦٧٨');
    await press(page, w.follow.sendAnswer);
    await expect(
      page.getByText(w.propose.personal.answer.replace('{kinds}', w.common.personalKind.phone)),
    ).toBeVisible();
    await expectAccessible(page);
    await press(page, w.follow.sendAnswer);
    await expect(page.getByText(w.follow.answered)).toBeVisible();
  });
});
