import { Alert, Checkbox, EmptyState, Link, LoadingButton, StatusTag, Table, TableRow } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import React from 'react';
import { expect, test, vi } from 'vitest';

import { RecordCard } from '../src/app/cards/RecordCard';
import type { Answers } from './application';
import { application, pass } from './application';
import { answer } from './files';
import { said } from './said';

const RECORD = { objectId: 42, objectTypeId: '0-1' };

function card(answers: Answers) {
  const { api, asked } = application(answers);
  const renderer = createRenderer('crm.record.tab');
  renderer.render(<RecordCard api={api} record={RECORD} />);
  const text = () => said(renderer.getRootNode());
  const rows = () =>
    renderer
      .findAll(TableRow)
      .slice(1)
      .map((row) => said(row));
  return { ...renderer, asked, text, rows };
}

/** S0-62: every synced value beside the property's name, on both sides. */
test('both sides are shown beside the name of the property', async () => {
  const seen = card({ 'GET /cards/record': 'record-synced' });
  await seen.waitFor(() => seen.find(Table));
  expect(seen.rows()).toHaveLength(9);
  expect(seen.rows()[0]).toBe('First namefirstnameAdaAdaSame');
  expect(said(seen.find(TableRow))).toBe('Property in HubSpotHubSpotClioIn step');
  expect(seen.maybeFind(Alert)).toBeNull();
});

/** S0-64: the link opens that very record. */
test('a link leads to the record at the other side', async () => {
  const seen = card({ 'GET /cards/record': 'record-synced' });
  await seen.waitFor(() => seen.find(Link));
  const { connections } = answer<{ connections: { link: string }[] }>('record-synced');
  expect(seen.find(Link).text).toBe('View in Clio');
  expect(seen.find(Link).props.href).toEqual({ url: connections[0]?.link, external: true });
});

/** S0-63: when it was last synced, and how the last run ended. */
test('the last sync and its end are told', async () => {
  const seen = card({ 'GET /cards/record': 'record-synced' });
  await seen.waitFor(() => seen.find(Table));
  expect(seen.text()).toContain('Last sync 3 minutes ago. The last run succeeded 3 minutes ago.');
});

/** S0-62: what differs is marked, and can be looked at alone. */
test('what differs is marked, and can be looked at alone', async () => {
  const seen = card({ 'GET /cards/record': 'record-differs' });
  await seen.waitFor(() => seen.find(Table));
  expect(seen.find(Alert).props.title).toBe('2 values differ');
  expect(seen.rows().filter((row) => row.endsWith('Differs'))).toHaveLength(2);
  seen.find(Checkbox).trigger('onChange', true as never);
  await seen.waitFor(() => expect(seen.rows()).toHaveLength(2));
  expect(seen.rows().join()).toContain('AugustaAda');
});

test.each([
  ['record-not-linked', 'No values to compare'],
  ['record-expired', 'No values to compare'],
  ['record-unconnected', 'No system is connected yet.'],
])('%s is an empty state', async (name, title) => {
  const seen = card({ 'GET /cards/record': name });
  await seen.waitFor(() => seen.find(EmptyState));
  expect(seen.find(EmptyState).props.title).toBe(title);
});

test('a side that does not answer is told, and the rest stays', async () => {
  const seen = card({ 'GET /cards/record': 'record-unreadable' });
  await seen.waitFor(() => seen.find(Alert));
  expect(said(seen.find(Alert))).toContain('Clio did not answer in time.');
  expect(seen.find(StatusTag).text).toBe('Synced');
});

/** S0-57: while a sync is under way nobody is called; the values are read again once it is through. */
test('the values are read again after a sync', async () => {
  const seen = card({
    'GET /cards/record': ['record-differs', 'record-synced'],
    'GET /cards/status': ['status-queued', 'status-queued', 'status-synced'],
    'POST /cards/sync': 'sync-queued',
  });
  await vi.waitFor(() => seen.find(LoadingButton), { interval: 0 });
  seen.find(LoadingButton).trigger('onClick');
  await pass(10);
  const reads = () => seen.asked.filter(({ path }) => path.startsWith('/cards/record')).length;
  expect(reads()).toBe(1);
  await pass(10_000);
  expect(reads()).toBe(2);
  expect(seen.maybeFind(Alert)).toBeNull();
});
