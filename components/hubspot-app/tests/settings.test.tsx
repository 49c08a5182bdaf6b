import {
  Alert,
  Button,
  EmptyState,
  ErrorState,
  Input,
  SearchInput,
  Select,
  StatusTag,
  Tab,
  Toggle,
  ToggleGroup,
} from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import React from 'react';
import { expect, test, vi } from 'vitest';

import { SettingsPage } from '../src/app/settings/SettingsPage';
import type { Answers } from './application';
import { application } from './application';
import { answer } from './files';
import { said } from './said';

const CONNECTED = {
  'GET /account': 'account',
  'GET /cards/settings': 'settings',
  'GET /cards/history': 'history',
  'GET /billing': 'billing-off',
};

function settings(answers: Answers, copy: (text: string) => Promise<void> = () => Promise.resolve()) {
  const { api, asked } = application(answers);
  const renderer = createRenderer('settings');
  renderer.render(<SettingsPage api={api} copy={copy} />);
  const text = () => said(renderer.getRootNode());
  const button = (name: string) => renderer.find(Button, (node) => node.text === name);
  const press = (name: string) => button(name).trigger('onClick');
  const posted = () => asked.filter(({ method }) => method === 'POST');
  return { ...renderer, asked, text, button, press, posted };
}

async function opened(answers: Answers, copy?: (text: string) => Promise<void>) {
  const page = settings(answers, copy);
  await page.waitFor(() => page.find(Tab));
  return page;
}

/** S0-09, S0-45: everything is set inside HubSpot. */
test('the settings have their sections', async () => {
  const page = await opened(CONNECTED);
  expect(page.findAll(Tab).map((tab) => tab.props.title)).toEqual([
    'Connection',
    'Records',
    'Fields',
    'Review',
    'Preview',
    'Schedule',
    'History',
    'Plan and usage',
    'Data and privacy',
  ]);
  expect(page.find(StatusTag).text).toBe('Connected');
});

/** S3-15: nothing is synced before somebody connects; the region is chosen, and the link is opened by a click. */
test('the first connection is made through a link that opens once', async () => {
  const page = settings({
    'GET /account': 'account-unconnected',
    'POST /oauth/clio/ticket': { ok: true, url: 'https://sync.example.com/oauth/clio/start?ticket=t', expires_in: 600 },
  });
  await page.waitFor(() => page.find(EmptyState));
  page.find(Select).trigger('onChange', 'eu' as never);
  await page.waitFor(() => expect(page.find(Select).props.value).toBe('eu'));
  page.press('Connect Clio');
  await page.waitFor(() => page.button('Open the sign-in page of Clio'));
  expect(page.posted()).toEqual([{ method: 'POST', path: '/oauth/clio/ticket', body: { region: 'eu' } }]);
  const href = { url: 'https://sync.example.com/oauth/clio/start?ticket=t', external: true };
  expect(page.button('Open the sign-in page of Clio').props.href).toEqual(href);
});

/** S0-95: expired access is told, with the way back. */
test('an expired connection is reconnected', async () => {
  const page = await opened({ ...CONNECTED, 'GET /account': 'account-expired', 'GET /cards/settings': 'settings-expired' });
  expect(page.find(StatusTag).text).toBe('Expired');
  expect(page.find(Alert).props.title).toBe('The access to Clio has expired or was withdrawn.');
  expect(page.button('Reconnect Clio').props.disabled).toBe(false);
});

/** S0-13: each kind of record is switched on and off by itself, from the version that was seen. */
test('a kind of record is switched off', async () => {
  const page = await opened({ ...CONNECTED, 'POST /cards/settings': 'settings-hourly' });
  const toggles = page.findAll(Toggle);
  expect(toggles.map((toggle) => toggle.props.label)).toEqual([
    'Contacts in Clio to contacts in HubSpot',
    'Companies in Clio to companies in HubSpot',
    'Matters in Clio to deals in HubSpot',
    'Tasks in Clio to tickets in HubSpot',
  ]);
  toggles[3]?.trigger('onChange', false as never);
  await page.waitFor(() => page.find(Alert, { title: 'Saved' }));
  const { connection, version } = answer<{ connection: string; version: string }>('settings');
  expect(page.posted()[0]?.body).toEqual({ connection, version, objects: { tasks: { enabled: false } } });
});

/** S3-10, S3-21: the members of a list alone sync; it is searched by name, chosen, and says how it is filled and since when. */
test('a list of HubSpot is the door', async () => {
  const page = await opened({
    ...CONNECTED,
    'GET /cards/lists': ['lists', 'lists-more', 'lists'],
    'POST /cards/settings': ['settings-list', 'settings'],
  });
  expect(page.text()).toContain('All contacts sync.');
  page.press('Sync only the contacts of a list');
  await page.waitFor(() => page.button('Use Clients of office 20'));
  page.press('Show more lists');
  await page.waitFor(() => page.button('Use Clients of office 21'));
  page.find(SearchInput, { name: 'list-contacts' }).trigger('onInput', ' office 2 ' as never);
  await page.waitFor(() => expect(page.find(SearchInput, { name: 'list-contacts' }).props.value).toBe(' office 2 '));
  page.press('Search lists of contacts');
  const path = (query: string) => `/cards/lists?connection=connection-1&object=contacts&${query}`;
  await page.waitFor(() => expect(page.asked.at(-1)?.path).toBe(path('q=office%202&after=0')));
  await page.waitFor(() => page.button('Use Clients of office 2'));
  page.press('Use Clients of office 2');
  await page.waitFor(() => page.find(Alert, { title: 'Saved' }));
  expect(page.posted()[0]?.body).toMatchObject({ objects: { contacts: { inclusion_list: '2' } } });
  expect(page.text()).toContain('Only contacts in the list “Clients of office 2” (1 now) sync');
  expect(page.text()).toContain('HubSpot keeps it as its criteria say. Somebody last came in or left 3 minutes ago.');
  page.press('Sync all contacts');
  await page.waitFor(() => expect(page.text()).toContain('All contacts sync.'));
  expect(page.posted()[1]?.body).toMatchObject({ objects: { contacts: { inclusion_list: null } } });
});

/** S4-10: records that only HubSpot has are created in the system where somebody says so twice; and not, where they say no. */
test('creating in the system is switched on after a question', async () => {
  const page = await opened({
    ...CONNECTED,
    'GET /cards/settings': 'settings-both',
    'POST /cards/settings': ['settings-creating', 'settings-both'],
  });
  const toggle = () => page.find(Toggle, { name: 'create-contacts' });
  expect(toggle().props.label).toBe('Create contacts in Clio that only HubSpot has');
  expect(toggle().props.checked).toBe(false);
  toggle().trigger('onChange', true as never);
  await page.waitFor(() => expect(page.text()).toContain('All contacts that only HubSpot has are created in Clio'));
  page.press('Cancel');
  await page.waitFor(() => expect(toggle().props.checked).toBe(false));
  expect(page.posted()).toEqual([]);
  toggle().trigger('onChange', true as never);
  await page.waitFor(() => page.button('Yes, create contacts in Clio'));
  page.press('Yes, create contacts in Clio');
  await page.waitFor(() => page.find(Alert, { title: 'Saved' }));
  expect(toggle().props.checked).toBe(true);
  expect(page.text()).not.toContain('Create contacts in Clio?');
  toggle().trigger('onChange', false as never);
  await page.waitFor(() => expect(toggle().props.checked).toBe(false));
  expect(page.posted().map(({ body }) => body?.objects)).toEqual([
    { contacts: { create: true } },
    { contacts: { create: false } },
  ]);
});

/** S4-10: what goes to HubSpot alone, and what the system cannot be given, has no such switch. */
test('creating is offered only where it can be', async () => {
  const one = await opened(CONNECTED);
  expect(one.findAll(Toggle).filter(({ props }) => props.name?.startsWith('create-'))).toEqual([]);
  const ways = answer<{ objects: { direction: string }[] }>('settings');
  const objects = ways.objects.map((object) => ({ ...object, direction: 'both' }));
  const all = await opened({ ...CONNECTED, 'GET /cards/settings': { ...ways, objects } });
  const offered = all.findAll(Toggle).map(({ props }) => props.name);
  expect(offered.filter((name) => name?.startsWith('create-'))).toEqual(['create-contacts', 'create-companies']);
});

/** S3-10: a list that is gone, and lists that may not be seen, say what to do. */
test('a list that is gone says so', async () => {
  const page = await opened({
    ...CONNECTED,
    'GET /cards/settings': 'settings-list-gone',
    'GET /cards/lists': 'lists-forbidden',
  });
  const gone = 'The HubSpot list that was chosen does not exist any more, so nothing of this kind is synced.';
  expect(said(page.find(Alert, { title: gone }))).toContain('restore the list in HubSpot');
  expect(page.text()).toContain('Only contacts in the chosen list sync');
  page.press('Choose another list of contacts');
  await page.waitFor(() => expect(page.text()).toContain('Install 300Sync again in HubSpot, and allow it to see lists.'));
  page.press('Cancel');
  await page.waitFor(() => page.button('Choose another list of contacts'));
});

/** S3-02, S3-09: what it is for, which system is right and what must be synced; the answers choose for all at once. */
test('three questions choose what, which way and who is right', async () => {
  const page = await opened({ ...CONNECTED, 'POST /cards/settings': 'settings' });
  page.press('Choose by three questions');
  await page.waitFor(() => page.button('Use these answers'));
  page.find(Select, { name: 'goal' }).trigger('onChange', 'both' as never);
  page.find(Select, { name: 'right' }).trigger('onChange', 'provider_wins' as never);
  page.find(Toggle, { name: 'must-tasks' }).trigger('onChange', false as never);
  await page.waitFor(() => expect(page.find(Toggle, { name: 'must-tasks' }).props.checked).toBe(false));
  page.press('Use these answers');
  await page.waitFor(() => page.button('Choose by three questions'));
  const ways = { enabled: true, direction: 'both', strategy: 'provider_wins' };
  expect(page.posted()[0]?.body?.['objects']).toEqual({
    contacts: ways,
    companies: ways,
    matters: ways,
    tasks: { enabled: false },
  });
});

/** S0-17, S0-46: all six choices are shown; what the plan does not have cannot be chosen, and says which plan has it. */
test('the schedule is by plan', async () => {
  const page = await opened({
    ...CONNECTED,
    'GET /cards/settings': 'settings-free',
    'POST /cards/settings': 'settings-hourly',
  });
  const options = page.find(ToggleGroup).props.options;
  expect(options.map(({ label }) => label)).toEqual([
    'Every 5 minutes (with Professional)',
    'Every 15 minutes',
    'Every 30 minutes',
    'Every hour',
    'Every day',
    'Manual only',
  ]);
  expect(options.map(({ readonly }) => readonly)).toEqual([true, false, false, false, false, false]);
  page.find(ToggleGroup).trigger('onChange', '60' as never);
  await page.waitFor(() => page.find(Alert, { title: 'Saved' }));
  expect(page.find(ToggleGroup).props.value).toBe('60');
  expect(page.posted()[0]?.body).toMatchObject({ frequency: 60 });
});

test('a change that somebody else was faster with is told, and the settings are shown as they are', async () => {
  const page = await opened({
    ...CONNECTED,
    'GET /cards/settings': ['settings', 'settings-hourly'],
    'POST /cards/settings': 'settings-lost',
  });
  expect(page.find(ToggleGroup).props.value).toBe('15');
  page.find(ToggleGroup).trigger('onChange', '30' as never);
  const title = 'Somebody else changed these settings in the meantime.';
  await page.waitFor(() => expect(page.find(ToggleGroup).props.value).toBe('60'));
  expect(said(page.find(Alert, { title }))).toContain('make your change again');
});

/** S1-39: who is no admin looks, and can change nothing. */
test('members look', async () => {
  const page = await opened({ ...CONNECTED, 'GET /account': 'account-member', 'GET /cards/settings': 'settings-member' });
  expect(page.text()).toContain('Changes are for the user who installed 300Sync and for super admins');
  expect(page.findAll(Toggle).every((toggle) => toggle.props.readonly === true)).toBe(true);
  expect(page.find(ToggleGroup).props.options.every(({ readonly }) => readonly === true)).toBe(true);
  const names = page.findAll(Button).map((button) => button.text ?? '');
  expect(names.filter((name) => /^(Remove|Change|Save|Disconnect|Erase|Pause|Export)/.test(name))).toEqual([]);
});

/** S0-59, S0-100, S0-106: runs with counts and errors in words, and as a file for support. */
test('the history is shown, and copied as CSV', async () => {
  const copy = vi.fn(() => Promise.resolve());
  const page = await opened({ ...CONNECTED, 'GET /cards/history.csv': 'history-csv' }, copy);
  await page.waitFor(() => expect(page.text()).toContain('Contacts, email (2): The e-mail address is not one.'));
  expect(page.text()).toContain('Support answers Monday to Friday, 9am to 6pm ET.');
  page.press('Copy the history as CSV');
  await page.waitFor(() => page.find(Alert, { title: 'Copied' }));
  expect(copy).toHaveBeenCalledWith(answer<{ csv: string }>('history-csv').csv);
});

test('disconnecting is confirmed first', async () => {
  const page = await opened({ ...CONNECTED, 'POST /account/disconnect': { ok: true } });
  page.press('Disconnect Clio');
  await page.waitFor(() => page.find(Alert, { title: 'Disconnect Clio?' }));
  expect(page.posted()).toEqual([]);
  page.press('Yes, disconnect Clio');
  await page.waitFor(() => expect(page.posted()).toHaveLength(1));
  const { connection } = answer<{ connection: string }>('settings');
  expect(page.posted()[0]).toMatchObject({ path: '/account/disconnect', body: { connection } });
});

test('erasing takes the id of the account', async () => {
  const page = await opened({ ...CONNECTED, 'POST /account/erase': { ok: true, status: 'erased' } });
  expect(page.button('Erase everything').props.disabled).toBe(true);
});

/** S1-51: once everything is erased, what is left to do is to install the app. */
test('what is erased can be installed anew', async () => {
  const page = await opened({
    ...CONNECTED,
    'GET /account': ['account', 'account-not-installed'],
    'POST /account/erase': { ok: true, status: 'erased' },
  });
  const { portal } = answer<{ portal: number }>('account');
  page.find(Input, { name: 'erase-confirm' }).props.onInput?.(String(portal));
  await page.waitFor(() => expect(page.button('Erase everything').props.disabled).toBe(false));
  page.press('Erase everything');
  await page.waitFor(() => page.button('Yes, erase everything'));
  page.press('Yes, erase everything');
  const title = () => page.find(ErrorState).props.title;
  await page.waitFor(() => expect(title()).toBe('300Sync is not installed in this HubSpot account.'));
  expect(page.posted().map(({ path }) => path)).toEqual(['/account/erase']);
  expect(page.findAll(Tab)).toEqual([]);
  expect(page.text()).toContain('Install 300Sync in HubSpot first.');
});

test('everything is exported on a page of ours', async () => {
  const url = 'https://sync.example.com/account?ticket=t';
  const page = await opened({ ...CONNECTED, 'POST /account/ticket': { ok: true, url, expires_in: 600 } });
  page.press('Export everything');
  await page.waitFor(() => page.button('Open the export page'));
  expect(page.button('Open the export page').props.href).toEqual({ url, external: true });
});

test.each([
  ['billing-off', 'This 300Sync is not billed: everything is allowed.'],
  ['billing-free', 'Your plan: Free'],
  ['billing-full', '1000 records of this month are used.'],
])('%s is told', async (name, words) => {
  const page = await opened({ ...CONNECTED, 'GET /billing': name });
  const wanted = name === 'billing-full' ? answer<{ notices: { message: string }[] }>(name).notices[0]?.message : words;
  const said = () =>
    page.text() +
    page
      .findAll(Alert)
      .map((alert) => alert.props.title)
      .join();
  await page.waitFor(() => expect(said()).toContain(wanted));
});

test('an application out of reach is an error with a way on', async () => {
  const page = settings({});
  await page.waitFor(() => page.find(ErrorState));
  expect(page.button('Try again')).toBeDefined();
});
