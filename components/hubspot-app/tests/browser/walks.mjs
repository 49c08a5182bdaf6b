// What people do, one after another: later ones see what earlier ones did.

import assert from 'node:assert/strict';

import { again, button, contact, idle, region } from './pages.mjs';
import { ways } from './ways.mjs';

/** Runs an action until it ends in this state. */
async function run(form, state) {
  await again(async (patience) => {
    await button(form, 'Run').click();
    await form.getByText(state).waitFor({ timeout: patience });
  });
}

export const walks = {
  /** S0-61 to S0-67: both cards on a record, with both sides' values and the way to the record in Clio. */
  async record(page, shot) {
    await contact(page);
    const card = region(page, '300Sync');
    await card.getByRole('table').waitFor();
    await card.getByRole('columnheader', { name: 'Clio' }).waitFor();
    const link = card.getByRole('link', { name: /View in Clio/ });
    assert.match(await link.getAttribute('href'), /\/nc\/#\/contacts\/\d+$/);
    const sidebar = region(page, '300Sync status');
    await sidebar.getByText(/^● Synced$/).waitFor();
    await sidebar.getByText(/Last sync/).waitFor();
    await shot('cards');
  },

  /** S0-57, S0-68: “Sync now”, from the press to the end. */
  async sync(page, shot) {
    await contact(page);
    const sidebar = region(page, '300Sync status');
    await button(sidebar, 'Sync now').click();
    await sidebar.getByText(/The sync with Clio starts|A sync with Clio is under way/).waitFor();
    await shot('under-way');
    await sidebar.getByText('Done.').waitFor();
    await sidebar.getByText('Last sync just now').waitFor();
    await shot('done');
  },

  /** S0-61, DX-01: every kind of record has its card. */
  async kinds(page, shot) {
    for (const [kind, heading] of [
      ['companies', 'Clio company'],
      ['deals', 'Clio matter'],
      ['tickets', 'Clio task'],
    ]) {
      await page.goto('/hubspot');
      const list = page.locator('section', { has: page.getByRole('heading', { name: kind }) });
      await list.getByRole('listitem').last().getByRole('link').click();
      await region(page, '300Sync').getByRole('heading', { name: heading }).waitFor();
      await shot(kind);
    }
  },

  ...ways,

  /** S0-12 to S0-17, S0-23, S0-45: what is synced, and how often; by keyboard as well. */
  async settings(page, shot) {
    await page.goto('/hubspot/settings');
    const settings = region(page, '300Sync settings');
    await settings.getByText(/^● Connected$/).waitFor();
    await shot('connection');
    await settings.getByRole('tab', { name: 'Connection' }).focus();
    await page.keyboard.press('ArrowRight');
    const tasks = settings.getByRole('switch', { name: 'Tasks in Clio to tickets in HubSpot' });
    await tasks.click();
    await settings.getByText('Saved').waitFor();
    assert.equal(await tasks.getAttribute('aria-checked'), 'false');
    await shot('records');
    await settings.getByRole('tab', { name: 'Schedule' }).click();
    await settings.getByRole('radio', { name: 'Every hour' }).click();
    await settings.getByRole('radio', { name: 'Every hour', checked: true }).waitFor();
    await shot('schedule');
    await page.reload();
    await settings.getByRole('tab', { name: 'Records' }).click();
    assert.equal(await tasks.getAttribute('aria-checked'), 'false');
    await tasks.click();
    await settings.getByText('Saved').waitFor();
  },

  /** S0-19 to S0-22, S2-25, S2-69: a field is added, tried on a live record, saved, and taken back. */
  async fields(page, shot) {
    await page.goto('/hubspot/settings');
    const settings = region(page, '300Sync settings');
    await settings.getByRole('tab', { name: 'Fields' }).click();
    await button(settings, 'Add a field').click();
    const source = settings.getByLabel('Field in Clio');
    await source.selectOption('initials');
    await settings.getByLabel('Property in HubSpot').fill('company');
    await button(settings, 'Use Company Name').waitFor();
    await shot('choice');
    // What fits is asked for anew with every field that is chosen: a press may meet the list as it was before.
    await again(async (patience) => {
      await button(settings, 'Use Company Name').click({ timeout: patience });
      await settings.getByText('Not saved yet').waitFor({ timeout: patience });
    });
    await again(async (patience) => {
      await button(settings, 'Try on a live record').click();
      await settings.getByText(/as it would be. Nothing was changed./).waitFor({ timeout: patience });
    });
    await shot('tried');
    await button(settings, 'Save fields').click();
    await settings.getByText('Saved').waitFor();
    await button(settings, 'Reset to the defaults').click();
    await button(settings, 'Yes, reset to the defaults').click();
    await button(settings, 'Reset to the defaults').waitFor({ state: 'detached' });
  },

  /** Of two admins the second sees what the first did. */
  async twoAdmins(page, shot) {
    const other = await page.context().newPage();
    const schedules = [];
    for (const one of [page, other]) {
      schedules.push(await idle(one));
      await region(one, '300Sync settings').getByRole('tab', { name: 'Schedule' }).click();
    }
    const [mine, theirs] = schedules;
    await theirs.getByRole('radio', { name: 'Every day' }).click();
    await theirs.getByText('Saved').waitFor();
    await mine.getByRole('radio', { name: 'Every 30 minutes' }).click();
    await mine.getByText('Somebody else changed these settings in the meantime.').waitFor();
    await mine.getByRole('radio', { name: 'Every day', checked: true }).waitFor();
    await shot('lost');
  },

  /** S0-59, S0-106: the history, and its file. */
  async history(page, shot) {
    await page.goto('/hubspot/settings');
    const settings = region(page, '300Sync settings');
    await settings.getByRole('tab', { name: 'History' }).click();
    await settings
      .getByText(/succeeded/)
      .first()
      .click();
    await settings.getByRole('columnheader', { name: 'Unchanged' }).first().waitFor();
    await button(settings, 'Copy the history as CSV').click();
    await settings.getByText('Copied').waitFor();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^run,started,finished,status/);
    await shot('settings');
    await page.goto('/hubspot/home');
    await region(page, '300Sync').getByRole('heading', { name: 'History' }).waitFor();
    await region(page, '300Sync')
      .getByText(/succeeded/)
      .first()
      .waitFor();
    await shot('home');
  },

  /** S1-18: plan and usage. */
  async plan(page, shot) {
    await page.goto('/hubspot/settings');
    const settings = region(page, '300Sync settings');
    await settings.getByRole('tab', { name: 'Plan and usage' }).click();
    await settings.getByText('Your plan: Professional').waitFor();
    await shot('plan');
  },

  /** S1-39: a member looks and changes nothing. */
  async member(page, shot) {
    await page.goto('/hubspot/settings?user=9003');
    const settings = region(page, '300Sync settings');
    await settings.getByText('You can look, but not change anything').waitFor();
    await settings.getByRole('tab', { name: 'Records' }).click();
    assert.equal(await settings.getByRole('switch', { disabled: false }).count(), 0);
    await shot('looks');
  },

  /** S0-71, S0-73, S0-74, S0-78, S0-80: actions as forms; what one gives, the next takes; a bad input does nothing. */
  async actions(page, shot) {
    await page.goto('/hubspot/actions');
    const contact = region(page, 'Clio: Create contact');
    await contact.getByLabel('First name').fill('Grace');
    await contact.getByLabel('Last name').fill('Hopper');
    await run(contact, 'SUCCESS');
    const id = await contact.locator('dd').first().innerText();
    assert.match(id, /^\d+$/);

    const matter = region(page, 'Clio: Create matter');
    await matter.getByLabel(/Matter name/).fill('Hopper v. Bug');
    await matter.getByLabel(/Clio contact ID/).fill('999999999');
    await run(matter, 'FAIL_CONTINUE');
    await shot('refused');
    await matter.getByLabel(/Clio contact ID/).fill(id);
    await run(matter, 'SUCCESS');
    const matterId = await matter.locator('dd').first().innerText();

    const status = region(page, 'Clio: Update matter status');
    await status.getByLabel(/Clio matter ID/).fill(matterId);
    await status.getByLabel(/Status/).selectOption('closed');
    await run(status, 'SUCCESS');

    const trigger = region(page, 'Trigger sync');
    await button(trigger, 'Run').click();
    await trigger
      .getByText(/A full sync with Clio starts within a minute./)
      .first()
      .waitFor();
    await shot('done');
  },

  /** S0-76: inputs that are chosen from what Clio has, searched as somebody types. */
  async options(page, shot) {
    await page.goto('/hubspot/actions');
    const task = region(page, 'Clio: Create task');
    await task.getByLabel(/Task name/).fill('Call back');
    await again(async (patience) => {
      await task.getByLabel(/Clio matter ID/).fill('');
      await task.getByLabel(/Clio matter ID/).fill('0');
      await task.locator('datalist option').first().waitFor({ state: 'attached', timeout: patience });
    });
    const matter = await task.locator('datalist option').first().getAttribute('value');
    await task.getByLabel(/Clio matter ID/).fill(matter);
    await run(task, 'SUCCESS');
    await shot('task');
  },

  /** What HubSpot's proxy does not take, the sandbox's does not either; and nothing is served but what was built. */
  async proxy(page) {
    await page.goto('/hubspot');
    const origin = new URL(page.url()).origin;
    const ask = (url, headers = {}) =>
      page.request.post('/hubspot/fetch', { data: { portal: 4_200_001, user: 9_001, method: 'GET', url, headers } });
    assert.equal((await ask(`${origin}/account`)).status(), 200);
    for (const url of ['https://evil.example/account', `${origin}.evil.example/account`, 'account']) {
      assert.equal((await ask(url)).status(), 400, url);
    }
    assert.equal((await ask(`${origin}/account`, { 'x-portal': '1' })).status(), 400);
    for (const path of ['preview/none.js', '..%2F..%2F/Cargo.toml', 'preview/..%2F..%2F..%2FCargo.toml']) {
      assert.equal((await page.request.get(`/hubspot/assets/${path}`)).status(), 404, path);
    }
  },

  /** S1-41, S1-45: forms of our own pages are taken from a browser as it sends them: paused, and resumed. */
  async account(page, shot) {
    await page.goto('/hubspot/settings');
    const settings = region(page, '300Sync settings');
    await settings.getByRole('tab', { name: 'Data' }).click();
    await button(settings, 'Export everything').click();
    const open = settings.getByRole('link', { name: /Open the export page/ });
    const [account] = await Promise.all([page.context().waitForEvent('page'), open.click()]);
    await button(account, 'Pause processing').click();
    await account.getByRole('heading', { name: 'Processing is paused' }).waitFor();
    await shot('asked');
    await account.getByRole('link', { name: 'Back' }).click();
    await button(account, 'Resume processing').click();
    await account.getByRole('heading', { name: 'Processing goes on' }).waitFor();
    await account.getByRole('link', { name: 'Back' }).click();
    await button(account, 'Pause processing').waitFor();
    await account.close();
  },

  /** S0-95: disconnected, everything says so, and the settings lead back. */
  async disconnected(page, shot) {
    const href = await contact(page);
    await page.goto('/hubspot/settings');
    const settings = region(page, '300Sync settings');
    await button(settings, 'Disconnect Clio').click();
    await button(settings, 'Yes, disconnect Clio').click();
    await settings.getByText(/^● Not connected$/).waitFor();
    await shot('settings');
    await page.goto(href);
    await region(page, '300Sync status')
      .getByText(/^● Not synced$/)
      .waitFor();
    await region(page, '300Sync').getByText('No values to compare').waitFor();
    await shot('card');
    await page.goto('/hubspot/settings');
    await button(settings, 'Reconnect Clio').click();
    const open = settings.getByRole('link', { name: /Open the sign-in page of Clio/ });
    await open.waitFor();
    const [popup] = await Promise.all([page.context().waitForEvent('page'), open.click()]);
    await popup
      .getByRole('link', { name: /Sign in to Clio/ })
      .first()
      .click();
    await popup.getByRole('button', { name: 'Allow access' }).click();
    await popup
      .getByText(/connected/i)
      .first()
      .waitFor();
    await popup.close();
    await button(settings, 'I have signed in').click();
    await settings.getByText(/^● Connected$/).waitFor();
    await page.goto(href);
    await region(page, '300Sync status')
      .getByText(/^● Synced$/)
      .waitFor();
    await shot('back');
  },
};
