// A person edits a record in HubSpot and in Clio, and both end where the settings say.

import assert from 'node:assert/strict';

import { again, button, choose, contact, edit, otherEnd, region, settings, shows, syncNow } from './pages.mjs';

const DIRECTION = 'Direction of contacts';
const STRATEGY = 'Where both sides changed the same field of a contact';

/** A contact that is in step, with its pages at both ends. */
async function pair(page) {
  const here = await contact(page);
  return { here, there: await otherEnd(page, here, 'The same record in Clio') };
}

export const ways = {
  /** S0-15, S0-41, S0-52: switched to both ways, different fields that were edited at either end meet at both. */
  async bothWays(page, shot) {
    await choose(page, DIRECTION, 'both');
    await shot('chosen');
    const { here, there } = await pair(page);
    await edit(page, here, { 'Job Title': 'Chief counsel' });
    await edit(page, there, { 'Postal code': '62701' });
    await shot('edited-in-clio');
    await again(async (patience) => {
      await page.goto(here);
      await region(page, '300Sync').getByText('2 values differ').waitFor({ timeout: patience });
    });
    await shot('differs');
    await syncNow(page, here);
    await shows(page, here, { 'Job Title': 'Chief counsel', 'Postal Code': '62701' });
    await shows(page, there, { Title: 'Chief counsel', 'Postal code': '62701' });
    await page.goto(here);
    await region(page, '300Sync').getByRole('table').waitFor();
    assert.equal(await region(page, '300Sync').getByText('Differs', { exact: true }).count(), 0);
    await shot('in-step');
  },

  /** S0-18, S0-53 to S0-55: where both ends edited the same field, the strategy that was chosen decides. */
  async conflicts(page, shot) {
    const { here, there } = await pair(page);
    const settled = async (strategy, value) => {
      await choose(page, STRATEGY, strategy);
      await edit(page, here, { 'Job Title': `Partner in HubSpot, ${strategy}` });
      await edit(page, there, { Title: `Partner in Clio, ${strategy}` });
      await syncNow(page, here);
      await shows(page, here, { 'Job Title': value });
      await shows(page, there, { Title: value });
    };
    await settled('hubspot_wins', 'Partner in HubSpot, hubspot_wins');
    await shot('hubspot-wins');
    await settled('provider_wins', 'Partner in Clio, provider_wins');
    await shot('clio-wins');
    await choose(page, STRATEGY, 'last_write_wins');
    await edit(page, there, { Title: 'The first to write' });
    // Less than five seconds apart is a tie.
    await page.waitForTimeout(6_000);
    await edit(page, here, { 'Job Title': 'The last to write' });
    await syncNow(page, here);
    await shows(page, here, { 'Job Title': 'The last to write' });
    await shows(page, there, { Title: 'The last to write' });
  },

  /** S0-40, S4-14: one way again, what HubSpot edits stays in HubSpot, and Clio's edit goes over it. */
  async oneWay(page, shot) {
    const { here, there } = await pair(page);
    await shows(page, there, {});
    const before = await page.getByLabel('Title', { exact: true }).inputValue();
    await choose(page, DIRECTION, 'to_hubspot');
    await edit(page, here, { 'Job Title': 'Only in HubSpot' });
    await syncNow(page, here);
    await shows(page, there, { Title: before });
    await edit(page, there, { Title: 'From Clio' });
    await syncNow(page, here);
    await shows(page, here, { 'Job Title': 'From Clio' });
    await shot('from-clio');
  },

  /** S4-10: what only HubSpot has is created in Clio where an admin said so, and asked twice. */
  async creating(page, shot) {
    await page.goto('/hubspot');
    await page.getByRole('link', { name: 'Create a contact', exact: true }).click();
    const person = { 'First Name': 'Nora', 'Last Name': 'Newcomer', Email: 'nora@newcomer.example', City: 'Salem' };
    for (const [label, value] of Object.entries(person)) {
      await page.getByLabel(label, { exact: true }).fill(value);
    }
    await button(page, 'Save').click();
    await page.getByRole('heading', { name: 'Nora Newcomer' }).waitFor();
    const here = page.url();
    await region(page, '300Sync status')
      .getByText(/^● Not synced$/)
      .waitFor();
    await shot('only-in-hubspot');
    await choose(page, DIRECTION, 'both');
    const records = await settings(page, 'Records');
    const create = records.getByRole('switch', { name: 'Create contacts in Clio that only HubSpot has' });
    await create.click();
    await records.getByText('Create contacts in Clio?').waitFor();
    await shot('asked');
    await button(records, 'Yes, create contacts in Clio').click();
    await records.getByText('Saved').waitFor();
    assert.equal(await create.getAttribute('aria-checked'), 'true');
    await shot('chosen');
    await syncNow(page, here);
    const there = await otherEnd(page, here, 'The same record in Clio');
    await region(page, '300Sync status')
      .getByText(/^● Synced$/)
      .waitFor();
    await shot('in-step');
    await shows(page, there, {
      'First name': 'Nora',
      'Last name': 'Newcomer',
      'Email address': 'nora@newcomer.example',
      City: 'Salem',
    });
    await shot('in-clio');
    await choose(page, DIRECTION, 'to_hubspot');
    await records.getByRole('switch', { name: /^Create contacts in Clio/ }).waitFor({ state: 'detached' });
  },

  /** What the next sync would do, before it does; and nothing is written by looking. */
  async preview(page, shot) {
    const { here, there } = await pair(page);
    await edit(page, there, { City: 'Previewed' });
    const all = await settings(page, 'Preview');
    const row = all.getByRole('row').filter({ hasText: 'Changed in HubSpot' }).filter({ hasText: 'City' });
    await again(async (patience) => {
      await button(all, 'Preview the next sync').click();
      await row.first().waitFor({ timeout: patience });
    });
    await shot('changes');
    await page.goto(here);
    assert.notEqual(await page.getByLabel('City', { exact: true }).inputValue(), 'Previewed');
    await syncNow(page, here);
    await shows(page, here, { City: 'Previewed' });
  },

  /** S2-34, S2-35: a record that waits is linked by hand, and is in step after the next sync. */
  async review(page, shot) {
    const all = await settings(page, 'Review');
    const person = all.locator('.tile').filter({ hasText: /^Contact: / });
    const waiting = person.getByRole('button', { name: /^Link to / }).first();
    await waiting.waitFor();
    await shot('waits');
    const id = /\((\d+)\)$/.exec(await waiting.innerText())?.[1];
    await waiting.click();
    await all.getByText('Done').first().waitFor();
    await shot('linked');
    const here = `/hubspot/record/0-1/${id}`;
    await syncNow(page, here);
    await page.goto(here);
    await region(page, '300Sync status')
      .getByText(/^● Synced$/)
      .waitFor();
    await page.getByRole('link', { name: 'The same record in Clio', exact: true }).waitFor();
    await shot('in-step');
  },
};
