import { Alert, Button, Input, Select, TableRow } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import type { Settings } from '@sync300/shared';
import React from 'react';
import { expect, test } from 'vitest';

import { ObjectsSection } from '../src/app/settings/ObjectsSection';
import { PreviewSection } from '../src/app/settings/PreviewSection';
import { ReviewSection } from '../src/app/settings/ReviewSection';
import { useChange } from '../src/app/settings/useChange';
import type { Answers } from './application';
import { application } from './application';
import { answer } from './files';
import { said } from './said';

type Section = (props: { api: ReturnType<typeof application>['api']; settings: Settings }) => React.ReactNode;

function section(Section: Section, answers: Answers, shown = answer<Settings>('settings')) {
  const { api, asked } = application(answers);
  const renderer = createRenderer('settings');
  renderer.render(<Section api={api} settings={shown} />);
  const text = () => said(renderer.getRootNode());
  const button = (name: string) => renderer.find(Button, (node) => node.text === name);
  const posted = () => asked.filter(({ method }) => method === 'POST').map(({ body }) => body);
  return { ...renderer, asked, text, button, press: (name: string) => button(name).trigger('onClick'), posted };
}

const CONNECTION = answer<Settings>('settings').connection;

/** S2-34, S2-35, S0-103: a record that waits says why, by names on both sides, and is linked by a click. */
test('a person decides what a record is', async () => {
  const page = section(ReviewSection, { 'GET /cards/review': 'review', 'POST /cards/review': 'review-linked' });
  await page.waitFor(() => expect(page.text()).toContain('Contact: Ada Byron'));
  expect(page.text()).toContain('More than one Clio record could be this one.');
  page.findAll(Button, (node) => node.text?.startsWith('Link to Ada Byron') === true)[0]?.trigger('onClick');
  await page.waitFor(() => page.find(Alert, { title: 'Done' }));
  expect(page.posted()).toEqual([
    { object: 'contacts', id: '1700000003', decision: 'link', hubspot_id: '10000001', connection: CONNECTION },
  ]);
});

/** S2-35: another record is named by its id; a refusal is told where it was asked. */
test('another record is linked by its id', async () => {
  const page = section(ReviewSection, { 'GET /cards/review': 'review', 'POST /cards/review': 'review-refused' });
  await page.waitFor(() => page.find(Input));
  page.find(Input).trigger('onInput', ' 4711 ' as never);
  await page.waitFor(() => expect(page.find(Input).props.value).toBe(' 4711 '));
  page.findAll(Button, (node) => node.text === 'Link Ada Byron to it')[0]?.trigger('onClick');
  await page.waitFor(() => expect(page.text()).toContain('HubSpot has no such record of this kind.'));
  expect(page.posted()[0]).toMatchObject({ hubspot_id: '4711' });
});

/** Leaving a record out is asked first. */
test('a record is left out after a question', async () => {
  const page = section(ReviewSection, {
    'GET /cards/review': 'review',
    'POST /cards/review': { ok: true, message: 'Left out.' },
  });
  await page.waitFor(() => expect(page.text()).toContain('Ada Byron'));
  page.findAll(Button, (node) => node.text === 'Leave Ada Byron out')[0]?.trigger('onClick');
  await page.waitFor(() => page.button('Yes, leave Ada Byron out'));
  expect(page.posted()).toEqual([]);
  page.press('Yes, leave Ada Byron out');
  await page.waitFor(() => page.find(Alert, { title: 'Done' }));
  expect(page.posted()[0]).toMatchObject({ decision: 'unlink', id: '1700000003' });
});

/** An empty queue, and one that cannot be read, are told apart; members look and do not decide. */
test('the queue has its other states', async () => {
  const empty = section(ReviewSection, { 'GET /cards/review': { ok: true, records: [], next: null, deletions: [] } });
  await empty.waitFor(() => expect(empty.text()).toContain('Nothing waits'));
  const down = section(ReviewSection, {});
  await down.waitFor(() => expect(down.text()).toContain('does not answer'));
  const member = section(ReviewSection, { 'GET /cards/review': 'review' }, answer<Settings>('settings-member'));
  await member.waitFor(() => expect(member.text()).toContain('Ada Byron'));
  expect(member.findAll(Button)).toEqual([]);
});

/** DX-04: many deletions at once wait for a word. */
test('deletions are believed after a question', async () => {
  const deletions = [{ object: 'contacts', message: '40 contacts are not in Clio any more.', since: 0 }];
  const page = section(ReviewSection, {
    'GET /cards/review': { ok: true, records: [], next: null, deletions },
    'POST /cards/review': { ok: true, message: 'Believed.' },
  });
  await page.waitFor(() => expect(page.text()).toContain('40 contacts'));
  page.press('Believe the deletions');
  await page.waitFor(() => page.button('Yes, believe the deletions'));
  page.press('Yes, believe the deletions');
  await page.waitFor(() => expect(page.posted()).toHaveLength(1));
  expect(page.posted()[0]).toMatchObject({ object: 'contacts', decision: 'approve_deletions' });
});

/** What the next sync would do is shown by name and in sums. */
test('the next sync is previewed', async () => {
  const page = section(PreviewSection, { 'GET /cards/preview': 'preview' });
  expect(page.asked).toEqual([]);
  page.press('Preview the next sync');
  await page.waitFor(() => page.find(TableRow));
  expect(page.asked[0]?.path).toContain('object=contacts');
  expect(page.text()).toContain('New in HubSpot: 1.');
  expect(page.text()).toContain('Waits for you to decide: 2.');
  expect(page.findAll(TableRow)).toHaveLength(6);
});

function Objects({ api, settings: shown }: { api: ReturnType<typeof application>['api']; settings: Settings }) {
  const [settings, setSettings] = React.useState(shown);
  const change = useChange(api, settings, setSettings, () => Promise.resolve());
  return <ObjectsSection api={api} settings={settings} change={change} />;
}

/** S0-15, S0-41, S0-42, S0-43: the way is chosen for each kind of record, and tasks have no choice. */
test('a kind of record goes both ways', async () => {
  const both = answer<Settings>('settings');
  const contacts = both.objects[0];
  if (contacts !== undefined) {
    contacts.direction = 'both';
  }
  const page = section(Objects, { 'POST /cards/settings': { ...both, ok: true } });
  expect(page.maybeFind(Select, { name: 'direction-tasks' })).toBeNull();
  expect(page.text()).toContain('Tasks go from Clio to HubSpot alone.');
  expect(page.maybeFind(Select, { name: 'strategy-contacts' })).toBeNull();
  page.find(Select, { name: 'direction-contacts' }).trigger('onChange', 'both' as never);
  await page.waitFor(() => page.find(Select, { name: 'strategy-contacts' }));
  expect(page.posted()[0]).toMatchObject({ objects: { contacts: { direction: 'both' } } });
  page.find(Select, { name: 'strategy-contacts' }).trigger('onChange', 'hubspot_wins' as never);
  await page.waitFor(() => expect(page.posted()).toHaveLength(2));
  expect(page.posted()[1]).toMatchObject({ objects: { contacts: { strategy: 'hubspot_wins' } } });
});
