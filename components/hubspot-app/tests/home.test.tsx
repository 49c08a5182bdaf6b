import { Accordion, Alert, EmptyState, LoadingButton, StatusTag } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { api } from '@sync300/shared';
import React from 'react';
import { expect, test } from 'vitest';

import { Home } from '../src/app/pages/Home';
import type { Answers } from './application';
import { application } from './application';
import { said } from './said';

function home(answers: Answers) {
  const { api, asked } = application(answers);
  const renderer = createRenderer('pages');
  renderer.render(<Home api={api} />);
  const text = () => said(renderer.getRootNode());
  return { ...renderer, asked, text };
}

const CONNECTED = { 'GET /account': 'account', 'GET /cards/settings': 'settings', 'GET /cards/history': 'history' };

/** S0-59: which runs succeeded and which failed, with the counts of each kind of record. */
test('the history is on the home page', async () => {
  const page = home(CONNECTED);
  await page.waitFor(() => page.find(Accordion));
  expect(page.findAll(Accordion).map((run) => run.props.title)).toEqual([
    '3 minutes ago: failed, asked for',
    '1 hour ago: succeeded, asked for, 2 records with problems',
  ]);
  expect(said(page.find(Alert))).toContain('Re-authorize');
  expect(page.text()).toContain('RecordsNewUpdatedLinkedUnchangedFailed');
});

test('nothing was synced yet', async () => {
  const page = home({ ...CONNECTED, 'GET /cards/history': 'history-empty' });
  await page.waitFor(() => page.find(EmptyState));
  expect(page.find(EmptyState).props.title).toBe('No sync yet');
});

/** S0-56: a manual sync of everything, outside the schedule. */
test('everything is synced from here', async () => {
  const page = home({ ...CONNECTED, 'POST /cards/sync': 'sync-queued' });
  await page.waitFor(() => page.find(LoadingButton));
  page.find(LoadingButton).trigger('onClick');
  await page.waitFor(() => expect(page.asked.filter(({ method }) => method === 'POST')).toHaveLength(1));
  expect(page.asked.find(({ method }) => method === 'POST')?.body).toEqual({ connection: 'connection-1' });
});

/** S0-95: what does not stand is told, and offers no sync. */
test('an expired connection is told', async () => {
  const page = home({ ...CONNECTED, 'GET /account': 'account-expired', 'GET /cards/settings': 'settings-expired' });
  await page.waitFor(() => page.find(StatusTag));
  expect(page.find(StatusTag).text).toBe('Expired');
  expect(page.maybeFind(LoadingButton)).toBeNull();
});

/** S1-18: the plan's end is told in words. */
test('a plan that is used up is told', async () => {
  const page = home({ ...CONNECTED, 'GET /cards/settings': 'settings-full' });
  await page.waitFor(() => page.find(Alert));
  expect(page.find(Alert).props.title).toContain('Nothing is lost');
});

test('nothing connected leads to the settings', async () => {
  const page = home({ 'GET /account': 'account-unconnected' });
  await page.waitFor(() => page.find(EmptyState));
  expect(page.text()).toContain('An admin connects one in the settings of 300Sync');
});

test('an app without the address of its server says so, and asks nobody', async () => {
  const answer = await api({}).get('/account');
  expect(answer).toMatchObject({ ok: false, code: 'not_configured' });
});
