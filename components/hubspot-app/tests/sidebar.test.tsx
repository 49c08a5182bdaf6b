import { Alert, Button, EmptyState, ErrorState, LoadingButton, LoadingSpinner, StatusTag } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import React from 'react';
import { expect, test, vi } from 'vitest';

import { SidebarCard } from '../src/app/cards/SidebarCard';
import { answer } from './files';
import { said } from './said';
import type { Answers } from './application';
import { application, OUT_OF_REACH, pass } from './application';

const RECORD = { objectId: 42, objectTypeId: '0-1' };

function sidebar(answers: Answers) {
  const { api, asked } = application(answers);
  const renderer = createRenderer('crm.record.sidebar');
  renderer.render(<SidebarCard api={api} record={RECORD} />);
  const text = () => said(renderer.getRootNode());
  return { ...renderer, asked, text };
}

/** S0-66, S0-67: exactly one of three, and since when, as people say it. */
test('a record in step says so, and since when', async () => {
  const card = sidebar({ 'GET /cards/status': 'status-synced' });
  expect(card.find(LoadingSpinner).props.label).toBe('Looking up this record …');
  await card.waitFor(() => card.find(StatusTag));
  expect(card.findAll(StatusTag).map((tag) => tag.text)).toEqual(['Synced']);
  expect(card.text()).toContain('Last sync 3 minutes ago');
  expect(card.asked[0]?.path).toBe('/cards/status?objectType=0-1&objectId=42');
});

test.each([
  ['status-not-linked', 'Not synced', 'It is linked by the next sync'],
  ['status-expired', 'Not synced', 'Reconnect Clio in the settings.'],
  ['status-failed', 'Error', 'Nothing: the next scheduled sync tries again by itself.'],
])('%s says what to do', async (name, word, action) => {
  const card = sidebar({ 'GET /cards/status': name });
  await card.waitFor(() => card.find(StatusTag));
  expect(card.find(StatusTag).text).toBe(word);
  expect(card.text()).toContain(action);
});

/** S0-63, S0-100: a failed run names the kind of record and the reason. */
test('a failed run is told with its reason', async () => {
  const card = sidebar({ 'GET /cards/status': 'status-failed' });
  await card.waitFor(() => card.find(Alert));
  expect(said(card.find(Alert))).toContain('Matters: Clio allows no more calls for the moment.');
});

/** S0-95: without access there is nothing to press, and the words say where to go. */
test('an expired connection offers no sync', async () => {
  const card = sidebar({ 'GET /cards/status': 'status-expired' });
  await card.waitFor(() => card.find(StatusTag));
  expect(card.maybeFind(LoadingButton)).toBeNull();
});

test('nothing connected is an empty state', async () => {
  const card = sidebar({ 'GET /cards/status': 'status-unconnected' });
  await card.waitFor(() => card.find(EmptyState));
  expect(card.find(EmptyState).props.title).toBe('No system is connected yet.');
  expect(card.text()).toContain('Connect one in the settings of 300Sync.');
});

test('an application that is not installed, or out of reach, is an error with a way on', async () => {
  const refused = sidebar({ 'GET /cards/status': 'status-not-installed' });
  await refused.waitFor(() => refused.find(ErrorState));
  expect(refused.text()).toContain('Install 300Sync in HubSpot first.');

  const card = sidebar({ 'GET /cards/status': [OUT_OF_REACH, 'status-synced'] });
  await card.waitFor(() => card.find(ErrorState));
  expect(card.find(ErrorState).props.title).toBe('300Sync does not answer at the moment.');
  card.find(Button).trigger('onClick');
  await card.waitFor(() => card.find(StatusTag));
  expect(card.find(StatusTag).text).toBe('Synced');
});

/** S0-57, S0-68: a manual sync is asked for once, told of, and watched until it is through. */
test('a sync is started, and watched until it is done', async () => {
  const card = sidebar({
    'GET /cards/status': ['status-not-linked', 'status-queued', 'status-queued', 'status-synced'],
    'POST /cards/sync': 'sync-queued',
  });
  await vi.waitFor(() => card.find(LoadingButton), { interval: 0 });
  const syncs = () => card.asked.filter(({ method }) => method === 'POST');
  card.find(LoadingButton).trigger('onClick');
  card.find(LoadingButton).trigger('onClick');
  await pass(10);
  expect(syncs()).toEqual([{ method: 'POST', path: '/cards/sync', body: { objectType: '0-1', objectId: '42' } }]);
  expect(card.find(LoadingButton).props.loading).toBe(true);
  expect(card.text()).toContain('Waiting for its turn');
  expect(card.text()).toContain(answer<{ message: string }>('sync-queued').message);
  await pass(6_100);
  expect(card.find(StatusTag).text).toBe('Synced');
  expect(card.text()).toContain('Done.');
  const asked = card.asked.length;
  await pass(60_000);
  expect(card.asked.length).toBe(asked);
});

test('a sync that is refused says why', async () => {
  const card = sidebar({ 'GET /cards/status': 'status-synced', 'POST /cards/sync': 'sync-refused' });
  await card.waitFor(() => card.find(LoadingButton));
  card.find(LoadingButton).trigger('onClick');
  await card.waitFor(() => card.find(Alert));
  expect(said(card.find(Alert))).toContain('Reconnect Clio in the settings.');
});
