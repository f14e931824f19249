import { expect, type Page } from '@playwright/test';

import { expectLanguage, words, type Language } from './page';

export const idea = {
  ar: {
    title: 'إنارة الطريق بين الدوار والمدرسة',
    problem: 'الطريق بين الدوار والمدرسة مظلمة في الشتاء، والأطفال يعودون ليلا.',
    solution: 'تركيب أعمدة إنارة بالطاقة الشمسية على طول الطريق.',
  },
  fr: {
    title: 'Éclairer la route de l’école',
    problem: 'La route entre le douar et l’école est dans le noir en hiver, quand les enfants rentrent.',
    solution: 'Installer des lampadaires solaires tout au long de la route.',
  },
};

export const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
export const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

interface Options {
  title?: string;
  /** Called on every screen once it is filled in. */
  each?: (step: string) => Promise<void>;
}

/** Fills the form up to the review, checking every screen on the way. */
export async function fillIn(page: Page, lang: Language, { title = idea[lang].title, each }: Options = {}) {
  const w = words[lang].propose;
  await page.goto(`/${lang}/propose/`);
  await expectLanguage(page, lang);
  await expect(heading(page, w.axis.title)).toBeVisible();
  await page.getByRole('radio').first().check();
  await each?.('axis');
  await press(page, w.next);

  await expect(heading(page, w.problem.title)).toBeFocused();
  await page.getByLabel(w.problem.name).fill(title);
  await page.getByLabel(w.problem.text, { exact: true }).fill(idea[lang].problem);
  await each?.('problem');
  await press(page, w.next);

  await expect(heading(page, w.solution.title)).toBeFocused();
  await page.getByLabel(w.solution.text).fill(idea[lang].solution);
  await each?.('solution');
  await press(page, w.next);

  await expect(heading(page, w.change.title)).toBeFocused();
  await each?.('change');
  await press(page, w.next);

  await expect(heading(page, w.place.title)).toBeFocused();
  await page.getByLabel(w.place.territory).selectOption({ index: 1 });
  await page.getByRole('checkbox', { name: words[lang].common.population.children }).check();
  await each?.('place');
  await press(page, w.next);

  await expect(heading(page, w.about.title)).toBeFocused();
  await page.getByRole('radio', { name: words[lang].common.gender.female }).check();
  await each?.('about');
  await press(page, w.next);

  await expect(heading(page, w.contact.title)).toBeFocused();
  await page.getByRole('checkbox', { name: w.contact.consent }).check();
  await each?.('contact');
  await press(page, w.review);
  await expect(heading(page, w.check.title)).toBeFocused();
}
