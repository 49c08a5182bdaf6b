// What every walk does on the pages.

import assert from 'node:assert/strict';

/** A card or page of the app, by its title. */
export const region = (page, name) => page.getByRole('region', { name, exact: true });
export const button = (within, name) => within.getByRole('button', { name, exact: true });

/** Opens a contact that is in step. */
export async function contact(page) {
  await page.goto('/hubspot');
  const contacts = page.locator('section', { has: page.getByRole('heading', { name: 'contacts' }) });
  for (const link of await contacts.getByRole('link').all()) {
    const href = await link.getAttribute('href');
    const other = await page.context().newPage();
    await other.goto(href);
    const status = region(other, '300Sync status').locator('.status');
    await status.waitFor();
    const synced = (await status.innerText()).includes('Synced');
    await other.close();
    if (synced) {
      await page.goto(href);
      return href;
    }
  }
  throw new Error('no contact is in step');
}

/** Clio allows 50 calls a minute, which a fast walk may have used up. */
const WINDOW_MILLIS = 75_000;

/** Does something until it works, as HubSpot does with what is answered by 429. */
export async function again(work) {
  const end = Date.now() + WINDOW_MILLIS;
  for (;;) {
    try {
      return await work(5_000);
    } catch (error) {
      if (Date.now() > end) {
        throw error;
      }
    }
  }
}

/** The settings, at one of their tabs. */
export async function settings(page, tab) {
  await page.goto('/hubspot/settings');
  const all = region(page, '300Sync settings');
  await all.getByRole('tab', { name: tab, exact: true }).click();
  return all;
}

/** The settings while nothing syncs: with a sync under way the page asks again and again how it stands. */
export async function idle(page) {
  const all = region(page, '300Sync settings');
  do {
    await page.goto('/hubspot/settings');
    await all.getByText(/^● Connected$/).waitFor();
  } while ((await all.getByText(/Waiting for its turn|Syncing now/).count()) > 0);
  return all;
}

/** Chooses from a list of the settings of records, if it is not what is chosen already. */
export async function choose(page, label, value) {
  const records = await settings(page, 'Records');
  const list = records.getByLabel(label, { exact: true });
  if ((await list.inputValue()) !== value) {
    await list.selectOption(value);
    await records.getByText('Saved').waitFor();
  }
}

/** Where a record is at the other end. */
export async function otherEnd(page, here, name) {
  await page.goto(here);
  return page.getByRole('link', { name, exact: true }).getAttribute('href');
}

/** Edits a record on its page, at either end. */
export async function edit(page, path, values) {
  await page.goto(path);
  for (const [label, value] of Object.entries(values)) {
    await page.getByLabel(label, { exact: true }).fill(value);
  }
  await button(page, 'Save').click();
  await shows(page, path, values);
}

/** What a record's page shows in its form. */
export async function shows(page, path, values) {
  await page.goto(path);
  for (const [label, value] of Object.entries(values)) {
    assert.equal(await page.getByLabel(label, { exact: true }).inputValue(), value, `${label} at ${path}`);
  }
}

/** Presses “Sync now” on a record's sidebar card, and waits until that sync is through. */
export async function syncNow(page, here) {
  await page.goto(here);
  const sidebar = region(page, '300Sync status');
  await button(sidebar, 'Sync now').click();
  await sidebar.getByText('Done.').waitFor({ timeout: WINDOW_MILLIS });
}
