import { Alert, Button, Checkbox, SearchInput, Select, Table, TableRow } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import type { Settings } from '@sync300/shared';
import React from 'react';
import { expect, test } from 'vitest';

import { MappingsSection } from '../src/app/settings/MappingsSection';
import { useChange } from '../src/app/settings/useChange';
import type { Answers } from './application';
import { application } from './application';
import { answer } from './files';
import { said } from './said';

function Section({ api, shown }: { api: ReturnType<typeof application>['api']; shown: Settings }) {
  const [settings, setSettings] = React.useState(shown);
  const change = useChange(api, settings, setSettings, () => Promise.resolve());
  return <MappingsSection api={api} settings={settings} change={change} />;
}

function mappings(name: string, answers: Answers) {
  const { api, asked } = application(answers);
  const renderer = createRenderer('settings');
  renderer.render(<Section api={api} shown={answer<Settings>(name)} />);
  const button = (name: string) => renderer.find(Button, (node) => node.text === name);
  const press = (name: string) => button(name).trigger('onClick');
  const rows = () =>
    renderer
      .find(Table)
      .findAll(TableRow)
      .slice(1)
      .map((row) => said(row));
  const source = () => renderer.find(Select, { name: 'source' });
  const posted = () => asked.filter(({ method }) => method === 'POST').map(({ path, body }) => ({ path, body }));
  return { ...renderer, asked, button, press, rows, source, posted };
}

interface Body {
  rules: { source: string; property: string; transform: string; fallback: string | null }[];
}

/** S0-19, S0-20: the defaults are listed by kind of record. */
test('the defaults are listed', () => {
  const page = mappings('settings', {});
  expect(page.rows()).toHaveLength(9);
  expect(page.rows()[0]).toContain('First nameFirst namefirstname');
  expect(page.maybeFind(Button, (node) => node.text === 'Reset to the defaults')).toBeNull();
  expect(page.button('Save fields').props.disabled).toBe(true);
});

/** S0-21, S0-23, S2-27, S2-33: a field is left out; it is a draft until it is saved, and counts from the next sync on. */
test('a field is removed and saved', async () => {
  const page = mappings('settings', { 'POST /cards/mappings': 'settings-own-fields' });
  page.press('Remove Job title');
  await page.waitFor(() => page.find(Alert, { title: 'Not saved yet' }));
  expect(page.posted()).toEqual([]);
  page.press('Save fields');
  await page.waitFor(() => page.find(Alert, { title: 'Saved' }));
  const sent = page.posted()[0]?.body as unknown as Body & { object: string };
  expect(sent.object).toBe('contacts');
  expect(sent.rules).toHaveLength(8);
  expect(sent.rules.map(({ property }) => property)).not.toContain('jobtitle');
  expect(page.rows()).toHaveLength(8);
  expect(page.button('Reset to the defaults')).toBeDefined();
});

/** S2-25, S2-32, S2-61 to S2-69: types are shown; what does not fit is there, disabled, with the reason. */
test('a field is added among properties with their types', async () => {
  const page = mappings('settings', { 'GET /cards/fields': ['fields', 'fields-of-title'] });
  page.press('Remove Job title');
  page.press('Add a field');
  await page.waitFor(() => page.source());
  const options = page.source().props.options.map(({ label }) => label);
  expect(options).toContain('Title (Text)');
  page.source().trigger('onChange', 'title' as never);
  await page.waitFor(() => page.button('Use Company Name'));
  expect(page.asked.at(-1)?.path).toContain('object=contacts&source=title');
  const row = (name: string) =>
    page
      .findAll(TableRow)
      .map(said)
      .find((text) => text.startsWith(name)) ?? '';
  expect(row('Email')).toContain('This property is mapped already.');
  expect(row('Company Name')).toContain('companyText');
  expect(page.button('Use Email').props.disabled).toBe(true);
  // Another field stands in where that one is empty, not the same.
  const standIns = page.find(Select, { name: 'fallback' }).props.options.map(({ value }) => value);
  expect(standIns).toContain('first_name');
  expect(standIns).not.toContain('title');
  page.find(Select, { name: 'fallback' }).trigger('onChange', 'first_name' as never);
  await page.waitFor(() => expect(page.find(Select, { name: 'fallback' }).props.value).toBe('first_name'));
  page.find(SearchInput).trigger('onInput', 'owner' as never);
  await page.waitFor(() => page.button('Use Owner'));
  expect(page.button('Use Owner').props.disabled).toBe(true);
  expect(row('Owner')).toContain("This field isn't supported and won't be imported.");
  page.find(SearchInput).trigger('onInput', 'job' as never);
  // Left out in the draft, so free again.
  await page.waitFor(() => expect(page.button('Use Job Title').props.disabled).toBe(false));
  page.press('Use Job Title');
  await page.waitFor(() => expect(page.rows()).toHaveLength(9));
  expect(page.rows().at(-1)).toContain('TitleJob Titlejobtitle');
  // Beside those of the connector, and marked.
  expect(page.rows()[0]).toContain('Default');
  expect(page.rows().at(-1)).toContain('Your own');
  expect(page.button('Remove Job Title')).toBeDefined();
});

/** S2-23, S2-25 to S2-28, S2-45: several fields are chosen at once, by name and type, and imported by one save. */
test('fields are imported', async () => {
  const page = mappings('settings', { 'GET /cards/fields': 'fields', 'POST /cards/mappings': 'settings-own-fields' });
  page.press('Import fields');
  await page.waitFor(() => page.find(Checkbox, { name: 'import-all' }));
  const box = (name: string) => page.find(Checkbox, { name: `import-${name}` });
  expect(page.button('Import 0 fields').props.disabled).toBe(true);
  const row = (name: string) =>
    page
      .findAll(TableRow)
      .map(said)
      .find((text) => text.startsWith(name)) ?? '';
  expect(row('Date of birth')).toContain('Date');
  // What is mapped is there, and is no choice.
  expect(box('first_name').props.readonly).toBe(true);
  expect(page.findAll(TableRow).map(said).join()).toContain('This field is mapped already.');
  box('date_of_birth').trigger('onChange', true as never);
  await page.waitFor(() => page.button('Import 1 field'));
  // All that are found, but for what is mapped; those that were chosen before stay.
  page.find(SearchInput, { name: 'import' }).trigger('onInput', 'name' as never);
  await page.waitFor(() => expect(page.maybeFind(Checkbox, { name: 'import-date_of_birth' })).toBeNull());
  box('all').trigger('onChange', true as never);
  await page.waitFor(() => expect(box('all').props.checked).toBe(true));
  expect(box('middle_name').props.checked).toBe(true);
  expect(box('first_name').props.checked).toBe(false);
  box('middle_name').trigger('onChange', false as never);
  await page.waitFor(() => expect(box('all').props.checked).toBe(false));
  box('middle_name').trigger('onChange', true as never);
  await page.waitFor(() => expect(box('all').props.checked).toBe(true));
  page.find(Button, (node) => /^Import \d+ fields?$/.test(node.text ?? '')).trigger('onClick');
  await page.waitFor(() => expect(page.posted()).toHaveLength(1));
  const sent = page.posted()[0]?.body as unknown as Body & { imports: string[] };
  expect(sent.rules).toHaveLength(9);
  expect(sent.imports).toContain('date_of_birth');
  expect(sent.imports).toContain('middle_name');
  expect(sent.imports).not.toContain('first_name');
});

/** S3-11, S3-12: on Free fields can be left out, and none of one's own be added. */
test('on Free there are the default fields', () => {
  const page = mappings('settings-free', {});
  expect(page.find(Alert).props.title).toBe('Your plan has the fields that 300Sync brings along');
  expect(page.maybeFind(Button, (node) => node.text === 'Add a field')).toBeNull();
  expect(page.button('Remove Job title')).toBeDefined();
});

test('the draft is tried on a live record', async () => {
  const page = mappings('settings', { 'POST /cards/test': 'tested' });
  page.press('Remove Job title');
  await page.waitFor(() => page.find(Alert, { title: 'Not saved yet' }));
  page.press('Try on a live record');
  await page.waitFor(() => expect(page.findAll(Table)).toHaveLength(2));
  const sent = page.posted()[0]?.body as unknown as Body;
  expect(sent.rules).toHaveLength(8);
  expect(said(page.getRootNode())).toContain('Nothing was changed.');
});

test('the defaults are brought back', async () => {
  const page = mappings('settings-own-fields', { 'POST /cards/mappings': 'settings' });
  page.press('Reset to the defaults');
  await page.waitFor(() => page.button('Yes, reset to the defaults'));
  page.press('Yes, reset to the defaults');
  await page.waitFor(() => expect(page.rows()).toHaveLength(9));
  expect(page.posted()[0]?.body).toMatchObject({ object: 'contacts', rules: null });
});
