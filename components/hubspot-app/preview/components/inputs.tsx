// HubSpot's inputs and buttons as plain HTML.

import type { ReactNode } from 'react';
import React, { useEffect, useId, useState } from 'react';

type Href = string | { url: string; external?: boolean };

interface Pressed {
  children?: ReactNode;
  onClick?: () => void;
  href?: Href;
  disabled?: boolean;
  variant?: string;
  size?: string;
  loading?: boolean;
}

export function Button({
  children,
  onClick,
  href,
  disabled = false,
  variant = 'secondary',
  size = 'md',
  loading = false,
}: Pressed) {
  if (href !== undefined) {
    return (
      <Link href={href} button={`button ${variant} ${size}`}>
        {children}
      </Link>
    );
  }
  return (
    <button
      type="button"
      className={`button ${variant} ${size}`}
      disabled={disabled || loading}
      aria-busy={loading}
      onClick={() => onClick?.()}
    >
      {children}
    </button>
  );
}

export function Link({ href, children, button }: { href: Href; children?: ReactNode; button?: string }) {
  const { url, external = false } = typeof href === 'string' ? { url: href } : href;
  return (
    <a className={button} href={url} {...(external && { target: '_blank', rel: 'noreferrer' })}>
      {children}
      {external && <span className="hidden"> (opens in a new window)</span>}
    </a>
  );
}

interface Entered {
  label?: string;
  name?: string;
  value?: string;
  description?: string;
  placeholder?: string;
  readOnly?: boolean;
  rows?: number;
  onChange?: (value: string) => void;
  onInput?: (value: string) => void;
}

/** What is typed stands at once; what the extension makes of it follows. */
function useTyped(value: string | undefined) {
  const [typed, setTyped] = useState(value ?? '');
  useEffect(() => setTyped(value ?? ''), [value]);
  return [typed, setTyped] as const;
}

function Labelled({ label, description, children }: Entered & { children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {description !== undefined && <small>{description}</small>}
    </div>
  );
}

export function Input(props: Entered & { type?: string }) {
  const [typed, setTyped] = useTyped(props.value);
  return (
    <Labelled {...props}>
      {(id) => (
        <input
          id={id}
          name={props.name}
          type={props.type ?? 'text'}
          placeholder={props.placeholder}
          readOnly={props.readOnly}
          value={typed}
          onChange={({ target }) => {
            setTyped(target.value);
            props.onInput?.(target.value);
          }}
          onBlur={() => props.onChange?.(typed)}
        />
      )}
    </Labelled>
  );
}

export function SearchInput(props: Entered) {
  return <Input {...props} type="search" />;
}

export function TextArea(props: Entered) {
  const [typed, setTyped] = useTyped(props.value);
  return (
    <Labelled {...props}>
      {(id) => (
        <textarea
          id={id}
          name={props.name}
          rows={props.rows}
          readOnly={props.readOnly}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          onBlur={() => props.onChange?.(typed)}
        />
      )}
    </Labelled>
  );
}

interface Options extends Omit<Entered, 'onChange'> {
  options: { label: string; value: string }[];
  onChange?: (value: string) => void;
}

export function Select({ options, value = '', onChange, ...props }: Options) {
  return (
    <Labelled {...props}>
      {(id) => (
        <select id={id} name={props.name} value={value} onChange={({ target }) => onChange?.(target.value)}>
          {!options.some((option) => option.value === value) && <option value="">{props.placeholder ?? ''}</option>}
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

interface Checked {
  checked?: boolean;
  children?: ReactNode;
  readOnly?: boolean;
  readonly?: boolean;
  onChange?: (checked: boolean) => void;
}

export function Checkbox({ checked = false, children, readOnly = false, readonly = false, onChange }: Checked) {
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={checked}
        disabled={readOnly || readonly}
        onChange={({ target }) => onChange?.(target.checked)}
      />
      {children}
    </label>
  );
}

export function Toggle({
  label,
  textChecked = 'On',
  textUnchecked = 'Off',
  ...checked
}: Checked & { label: string; textChecked?: string; textUnchecked?: string }) {
  const { checked: on = false, readOnly = false, readonly = false, onChange } = checked;
  return (
    <div className="toggle">
      <button
        type="button"
        role="switch"
        aria-checked={on}
        aria-label={label}
        disabled={readOnly || readonly}
        onClick={() => onChange?.(!on)}
      >
        {on ? textChecked : textUnchecked}
      </button>
      <span aria-hidden="true">{label}</span>
    </div>
  );
}

interface Group {
  label: string;
  name: string;
  value?: string;
  options: { label: string; value: string; readonly?: boolean }[];
  onChange?: (value: string) => void;
}

export function ToggleGroup({ label, name, value, options, onChange }: Group) {
  return (
    <fieldset>
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value} className="check">
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            disabled={option.readonly}
            onChange={() => onChange?.(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
