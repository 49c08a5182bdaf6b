// The mapping of Clio's contacts as one writes it by hand: what the core is measured against.
//
//     node map.mjs <folder of pages> <fingerprint key in hex>
//
// It maps all pages once and says what it made, then once more for every line on stdin and says how
// long that took.
//
// Phone numbers go by a simple American rule and e-mail addresses by a regular expression, where
// the core has libraries for both; everything else is what the core does.

import { createHmac, createSecretKey } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { domainToASCII } from 'node:url';

const [folder, keyHex] = process.argv.slice(2);
const key = createSecretKey(Buffer.from(keyHex, 'hex'));
const BASE_URL = 'https://app.clio.com';
const BLANK = '0'.repeat(32);

class FieldError extends Error {}

// ── Transforms ───────────────────────────────────────────────────────────────────────────────────

function trim(value) {
  if (value === undefined || value === null) return null;
  if (typeof value === 'object') throw new FieldError('wrong_type');
  let text = String(value).trim();
  if (text.includes('\0')) text = text.replaceAll('\0', '').trim();
  if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n');
  return text === '' ? null : text;
}

const ASCII = /^[\x00-\x7f]*$/;
const EMAIL = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/;

function email(value) {
  const text = trim(value);
  if (text === null) return null;
  let address;
  if (ASCII.test(text)) {
    address = text.toLowerCase();
  } else {
    const lower = text.normalize('NFKC').toLowerCase();
    const at = lower.lastIndexOf('@');
    address = `${lower.slice(0, at)}@${domainToASCII(lower.slice(at + 1))}`;
  }
  if (!EMAIL.test(address)) throw new FieldError('invalid_email');
  return address;
}

function phone(value) {
  const text = trim(value);
  if (text === null) return null;
  const digits = text.replace(/\D/g, '');
  if (digits.length === 10) return `+1${digits}`;
  if (digits.length === 11 && digits.startsWith('1')) return `+${digits}`;
  return text;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

function date(value) {
  const text = trim(value);
  if (text === null) return null;
  if (!DATE.test(text) || Number.isNaN(Date.parse(text))) throw new FieldError('invalid_date');
  return text;
}

// ── Match keys ───────────────────────────────────────────────────────────────────────────────────

const ROLES = new Set([
  'admin', 'billing', 'contact', 'donotreply', 'do-not-reply', 'email', 'enquiries', 'example', 'hello', 'info', 'mail',
  'na', 'nobody', 'noemail', 'none', 'noreply', 'no-reply', 'office', 'reception', 'sales', 'support', 'team', 'test',
  'unknown',
]);
const TITLES = new Set([
  'mr', 'mrs', 'ms', 'miss', 'mx', 'dr', 'prof', 'professor', 'rev', 'sir', 'hon', 'herr', 'frau', 'atty',
]);
const SUFFIXES = new Set([
  'jr', 'sr', 'ii', 'iii', 'iv', 'esq', 'esquire', 'md', 'phd', 'jd', 'cpa', 'dds', 'rn',
]);

function emailKey(address) {
  if (address === null) return null;
  const local = address.slice(0, address.indexOf('@')).split('+', 1)[0];
  return ROLES.has(local) ? null : address;
}

function bareName(name) {
  let folded = ASCII.test(name) ? name : name.normalize('NFKD').replace(/\p{M}/gu, '');
  folded = folded.toLowerCase().replaceAll('&', ' and ').replace(/[.'\u2019]/g, '');
  const words = folded.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  let first = 0;
  let end = words.length;
  while (end - first > 1 && TITLES.has(words[first])) first += 1;
  while (end - first > 1 && SUFFIXES.has(words[end - 1])) end -= 1;
  return words.slice(first, end).join(' ');
}

function personKey(firstName, lastName) {
  if (firstName === null || lastName === null) return null;
  const parts = [bareName(firstName), bareName(lastName)];
  if (parts.includes('')) return null;
  return parts.sort().join(' ');
}

// As hex: here that is faster than a Buffer. Cloning a prepared hash is slower than a new one.
function fingerprint(name, value) {
  if (value === null) return BLANK;
  return createHmac('sha256', key).update(`${name}\0${value}`).digest('hex').slice(0, 32);
}

// ── A page ───────────────────────────────────────────────────────────────────────────────────────

const RULES = [
  ['firstname', trim, (contact) => contact.first_name],
  ['lastname', trim, (contact) => contact.last_name],
  ['email', email, (contact) => contact.primary_email_address],
  ['phone', phone, (contact) => contact.primary_phone_number],
  ['jobtitle', trim, (contact) => contact.title],
  ['address', trim, (contact) => contact.primary_address?.street],
  ['city', trim, (contact) => contact.primary_address?.city],
  ['state', trim, (contact) => contact.primary_address?.province],
  ['zip', trim, (contact) => contact.primary_address?.postal_code],
  ['middle_name', trim, (contact) => contact.middle_name],
  ['date_of_birth', date, (contact) => contact.date_of_birth],
  ['work_email', email, (contact) => contact.secondary_email_address],
  ['company', trim, (contact) => contact.company?.name],
  ['referred_by', trim, (contact) => contact.custom_field_values?.find((v) => v.field_name === 'Referred by')?.value],
];
const FIRST_NAME = 0;
const LAST_NAME = 1;
const EMAIL_ADDRESS = 2;

function mapContact(contact) {
  const fields = [];
  const errors = [];
  for (const [property, transform, read] of RULES) {
    try {
      const value = transform(read(contact));
      fields.push({ value, fingerprint: fingerprint(property, value) });
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      errors.push({ property, code: error.message });
      fields.push({ value: null, fingerprint: null });
    }
  }

  const keys = [];
  const address = emailKey(fields[EMAIL_ADDRESS].value);
  const guard = address === null ? null : fingerprint('tier:email', address);
  if (address !== null) keys.push({ tier: 'email', digest: guard, value: address, guard: null });
  const name = personKey(fields[FIRST_NAME].value, fields[LAST_NAME].value);
  if (name !== null) keys.push({ tier: 'name', digest: fingerprint('tier:name', name), value: name, guard });

  const updatedAt = Date.parse(contact.updated_at);
  return {
    id: String(contact.id),
    updatedAt,
    fields,
    keys,
    errors,
    relations: [{
      kind: 'contact_company',
      reverse: false,
      others: contact.company ? [String(contact.company.id)] : [],
    }],
    system: [
      ['sync300_clio_url', `${BASE_URL}/nc/#/contacts/${encodeURIComponent(contact.id)}`],
      ['sync300_clio_updated_at', new Date(updatedAt).toISOString().replace('.000Z', 'Z')],
    ],
  };
}

function mapPage(body) {
  const page = JSON.parse(body.toString('utf8'));
  const next = page.meta?.paging?.next ?? null;
  if (next !== null && new URL(next).origin !== BASE_URL) throw new Error('foreign cursor');
  return { records: page.data.map(mapContact), cursor: next };
}

// ── Measuring ────────────────────────────────────────────────────────────────────────────────────

function summarise(pages) {
  const made = { records: 0, values: 0, errors: 0, keys: 0 };
  let folded = 0n;
  const fold = (print) => {
    if (print !== null) folded ^= BigInt(`0x${print}`);
  };
  for (const page of pages) {
    for (const record of mapPage(page).records) {
      made.records += 1;
      made.errors += record.errors.length;
      made.keys += record.keys.length;
      made.values += record.fields.filter((field) => field.value !== null).length;
      for (const field of record.fields) fold(field.fingerprint);
      for (const { digest, guard } of record.keys) {
        fold(digest);
        fold(guard);
      }
    }
  }
  return { ...made, fingerprints: folded.toString(16).padStart(32, '0') };
}

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const pages = readdirSync(folder).sort().map((name) => readFileSync(join(folder, name)));
// The first time also lets the compiler see what is hot.
const made = summarise(pages);
say({ version: process.version, made });
for await (const _ of createInterface({ input: process.stdin })) {
  let records = 0;
  const begun = process.hrtime.bigint();
  for (const page of pages) records += mapPage(page).records.length;
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  if (records !== made.records) throw new Error('a run lost records');
  say({ seconds });
}
