import { readFile } from 'node:fs/promises';

import { expect, test, type Browser, type Page } from '@playwright/test';

import { desktop, phone } from './support/browser';
import { followUp, propose } from './support/citizen';
import { mailsTo } from './support/mail';
import { expectAccessible, watch, words } from './support/page';
import { accessible, signIn } from './support/staff';

const w = words.ar;
const d = w.staff.desk;
const s = w.staff.drafts;

const email = `fatima.${process.pid}@example.net`;
const idea = {
  title: 'حافلة للطالبات بين الدواوير والثانوية',
  problem: 'الطالبات في الدواوير البعيدة ينقطعن عن الدراسة لأن أقرب ثانوية على بعد 14 كيلومترا ولا نقل إليها.',
  solution: 'توفير حافلة مدرسية في الصباح والمساء بشراكة مع الجماعة وجمعية الآباء.',
};
const question = 'كم عدد الطالبات المعنيات، وفي أي دواوير؟';
const answer = 'حوالي 60 طالبة في ثلاثة دواوير من جماعة تطفت.';
const response = 'نحتفظ بهذا المقترح لأنه يعالج الانقطاع عن الدراسة، وسنضيف إليه مؤشرا.';

/** Somebody with a device of their own. */
async function somebody(browser: Browser, device: object): Promise<Page> {
  return (await browser.newContext(device)).newPage();
}

/** The base that the analyst's page prints: how many participations it counts. */
async function base(page: Page): Promise<number> {
  await page.goto('/ar/analysis/');
  const unit = page.getByText(/الوحدة: المشاركات. المجموع: \d+/).first();
  await expect(unit).toBeVisible();
  return Number(/المجموع: (\d+)/.exec((await unit.textContent()) ?? '')?.[1]);
}

test('an idea becomes a goal, and its author sees every step', async ({ browser }) => {
  test.slow();
  const citizen = await somebody(browser, phone);
  const moderator = await somebody(browser, desktop);
  const analyst = await somebody(browser, desktop);
  const expectNoFault = watch(citizen);

  await signIn(analyst, 'analyst');
  const before = await base(analyst);

  // the citizen writes on a phone and keeps a code; the mail says the same
  const { code, reference } = await propose(citizen, 'ar', idea, email);
  await expectAccessible(citizen);
  await expect.poll(async () => (await mailsTo(email)).length).toBe(1);
  const [receipt] = await mailsTo(email);
  expect(receipt).toContain(reference);
  expect(receipt).toContain(code);

  const step = (name: string) => citizen.getByRole('listitem').filter({ hasText: name }).first();
  await followUp(citizen, 'ar', code, idea.title);
  await expect(citizen.getByText(w.stateForAuthor.submitted)).toBeVisible();
  await expect(step(w.edge.submit)).toBeVisible();

  // the moderator finds it in the queue and asks
  await signIn(moderator, 'moderator');
  await moderator.getByRole('searchbox', { name: d.search }).fill('الطالبات');
  await moderator.getByRole('button', { name: d.searchButton }).click();
  await expect(moderator).toHaveURL(/text=/);
  await moderator.getByRole('link', { name: idea.title }).click();
  await expect(moderator).toHaveURL(new RegExp(reference));
  await expect(moderator.getByText(d.hasEmail)).toBeVisible();
  await moderator.getByRole('radio', { name: w.staff.decision.request_clarification }).check();
  await moderator.getByLabel(d.question, { exact: true }).fill(question);
  await accessible(moderator);
  await moderator.getByRole('button', { name: d.confirm }).click();
  await expect(moderator.getByText(`حُفظ القرار في ${reference}`)).toBeVisible();

  // the citizen answers with the code
  await expect.poll(async () => (await mailsTo(email)).at(-1)).toContain(question);
  await followUp(citizen, 'ar', code, idea.title);
  await expect(citizen.getByText(w.stateForAuthor.clarification_requested)).toBeVisible();
  await expect(citizen.getByText(question).first()).toBeVisible();
  await expectAccessible(citizen);
  await citizen.getByLabel(w.follow.answer, { exact: true }).fill(answer);
  await citizen.getByRole('button', { name: w.follow.sendAnswer }).click();
  await expect(citizen.getByText(w.follow.answered)).toBeVisible();
  await expect(step(w.edge.answer)).toBeVisible();

  // the moderator reads the answer beside the text, notes what is missing, and retains
  await moderator.goto(`/ar/desk/${reference}/`);
  await expect(moderator.getByText(answer)).toBeVisible();
  const remark = moderator.getByRole('button', { name: w.staff.remark.no_indicator });
  await remark.click();
  await expect(moderator.getByText(d.remarksSaved)).toBeVisible();
  await expect(remark).toHaveAttribute('aria-pressed', 'true');
  await expect(moderator.getByRole('radio', { name: new RegExp(`^${w.staff.decision.retain}`) })).toBeChecked();
  await moderator.getByLabel(d.response).fill(response);
  await moderator.getByLabel(d.response).press('Control+Enter');
  await expect(moderator.getByText(`حُفظ القرار في ${reference}`)).toBeVisible();

  await expect.poll(async () => (await mailsTo(email)).at(-1)).toContain(response);
  await followUp(citizen, 'ar', code, idea.title);
  await expect(citizen.getByText(w.stateForAuthor.retained)).toBeVisible();
  await expect(citizen.getByText(response).first()).toBeVisible();

  // it becomes a draft; the remark was not lost by the decision
  await moderator.goto(`/ar/desk/${reference}/`);
  await expect(moderator.getByRole('button', { name: w.staff.remark.no_indicator })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await moderator.getByRole('link', { name: d.makeDraft }).click();
  await expect(moderator.getByRole('checkbox', { name: idea.title })).toBeChecked();
  await moderator.getByLabel(s.create.name).fill('توفير نقل مدرسي لطالبات الدواوير');
  await moderator.getByRole('button', { name: s.create.submit }).click();
  await expect(moderator.getByRole('heading', { name: s.words })).toBeVisible();
  await expect(moderator.getByRole('article').getByText(idea.problem)).toBeVisible();

  // it is filled letter by letter, and what the check says changes with it
  const check = moderator.getByRole('region', { name: s.check });
  const left = async () => check.getByRole('link').filter({ hasText: s.blockingTag }).count();
  const says = (finding: keyof typeof w.staff.finding) => check.getByRole('link', { name: w.staff.finding[finding] });
  await expect(says('objective_missing')).toBeVisible();
  const missing = await left();
  const fill = (label: string, text: string) => moderator.getByLabel(label, { exact: true }).fill(text);
  const letter = (name: 's' | 'm' | 'a' | 'r' | 't') =>
    moderator.getByRole('region', { name: new RegExp(`^${w.staff.letter[name].name} `) });

  await fill(s.field.objective, 'نقل 60 طالبة يوميا إلى الثانوية قبل شتنبر 2027.');
  await fill(s.field.problem, 'انقطاع الطالبات عن الدراسة لغياب النقل.');
  await fill(s.field.beneficiaries, 'طالبات الدواوير');
  await letter('s').getByRole('checkbox').first().check();
  await expect(says('objective_missing')).toHaveCount(0);
  await expect(letter('s').getByText(s.complete)).toBeVisible();
  expect(await left()).toBeLessThan(missing);

  await moderator.getByRole('button', { name: s.addIndicator }).click();
  await fill(s.indicatorField.name, 'عدد الطالبات المنقولات');
  await expect(says('indicator_missing')).toHaveCount(0);
  await expect(says('indicator_unit_missing')).toBeVisible();
  await fill(s.indicatorField.unit, 'طالبة');
  await fill(s.indicatorField.baseline_value, '0');
  await fill(s.indicatorField.baseline_year, '2026');
  await fill(s.indicatorField.target, '0');
  await expect(says('indicator_target_equals_baseline')).toBeVisible();
  await fill(s.indicatorField.target, '60');
  await fill(s.indicatorField.source, 'لوائح النقل المدرسي');
  await expect(letter('m').getByText(s.complete)).toBeVisible();

  await moderator.getByLabel(s.field.competence_class).selectOption('outside');
  await expect(says('competence_outside')).toBeVisible();
  await moderator.getByLabel(s.field.competence_class).selectOption('shared');
  await fill(s.field.competence_reason, 'النقل المدرسي بالعالم القروي اختصاص مشترك.');
  await fill(s.field.responsible, 'مجلس الجهة');
  await fill(s.field.budget_mad, '600000');
  await fill(s.field.budget_source, 'ميزانية الجهة');
  await expect(letter('a').getByText(s.complete)).toBeVisible();

  await moderator.getByRole('checkbox', { name: w.staff.principle.inclusion }).check();
  await expect(letter('r').getByText(s.complete)).toBeVisible();

  await fill(s.field.start, '2027-03');
  await fill(s.field.end, '2027-01');
  await expect(says('period_reversed')).toBeVisible();
  await fill(s.field.end, '2027-09');
  await moderator.getByRole('button', { name: s.addMilestone }).click();
  await fill(s.milestoneField.title, 'توقيع اتفاقية الشراكة');
  await expect(says('milestone_month_missing')).toBeVisible();
  await fill(s.milestoneField.due, '2027-05');
  await expect(check.getByText(s.checkComplete)).toBeVisible();
  expect(await left()).toBe(0);
  await accessible(moderator);
  await moderator.getByRole('button', { name: s.save }).click();
  await expect(moderator.getByText(s.saved.replace('{n}', '2'))).toBeVisible();

  // the analyst counts it once, and its reference is in the file, without its author
  expect(await base(analyst)).toBe(before + 1);
  const [download] = await Promise.all([
    analyst.waitForEvent('download'),
    analyst.getByRole('link', { name: w.staff.analysis.proposals }).click(),
  ]);
  const file = await readFile(await download.path(), 'utf8');
  expect(file.split('\n').filter((line) => line.includes(reference))).toHaveLength(1);
  expect(file.split('\n')[0]).not.toMatch(/age_band|gender|participant_type|residence|email/);
  expect(file).not.toContain(email);

  // and the author, by the code alone, sees the whole path
  await followUp(citizen, 'ar', code, idea.title);
  await expect(citizen.getByText(w.stateForAuthor.drafted)).toBeVisible();
  for (const edge of ['submit', 'request_clarification', 'answer', 'retain', 'attach'] as const)
    await expect(step(w.edge[edge])).toBeVisible();
  await expectAccessible(citizen);
  expect(citizen.url()).not.toContain(code.slice(0, 5));
  expectNoFault();

  for (const page of [citizen, moderator, analyst]) await page.context().close();
});
