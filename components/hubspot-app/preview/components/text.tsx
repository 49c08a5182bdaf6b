// HubSpot's components of text and state as plain HTML.

import type { ReactNode } from 'react';
import React from 'react';

interface Held {
  children?: ReactNode;
}

export function Text({
  children,
  variant,
  inline,
  format,
}: Held & { variant?: string; inline?: boolean; format?: { fontWeight?: string } }) {
  const name = `text ${variant ?? ''} ${format?.fontWeight ?? ''}`;
  return inline === true ? <span className={name}>{children}</span> : <p className={name}>{children}</p>;
}

export function Heading({ children }: Held) {
  return <h3>{children}</h3>;
}

export function PageTitle({ children }: Held) {
  return <h1>{children}</h1>;
}

export function StatusTag({ children, variant = 'default' }: Held & { variant?: string }) {
  return (
    <span className={`status ${variant}`}>
      <span aria-hidden="true">●</span> {children}
    </span>
  );
}

export function Tag({ children, variant = 'default' }: Held & { variant?: string }) {
  return <span className={`tag ${variant}`}>{children}</span>;
}

export function Alert({ title, children, variant = 'info' }: Held & { title: string; variant?: string }) {
  const urgent = variant === 'danger' || variant === 'error';
  return (
    <div className={`alert ${variant}`} role={urgent ? 'alert' : 'status'}>
      <strong>{title}</strong>
      {children}
    </div>
  );
}

export function EmptyState({ title, children }: Held & { title?: string }) {
  return (
    <div className="empty">
      <h4>{title}</h4>
      {children}
    </div>
  );
}

export function ErrorState({ title, children }: Held & { title?: string }) {
  return (
    <div className="empty error" role="alert">
      <h4>{title}</h4>
      {children}
    </div>
  );
}

export function LoadingSpinner({ label, showLabel = false }: { label: string; showLabel?: boolean }) {
  return (
    <p className="loading" role="status" aria-label={label}>
      <span className="spinner" aria-hidden="true" /> {showLabel && label}
    </p>
  );
}

interface Progress {
  title?: string;
  value?: number;
  maxValue?: number;
  valueDescription?: string;
  'aria-label'?: string;
}

export function ProgressBar({ title, value = 0, maxValue = 100, valueDescription, 'aria-label': label }: Progress) {
  return (
    <div className="progress">
      <span>{title}</span>
      <progress value={value} max={maxValue} aria-label={label ?? title} />
      <span>{valueDescription}</span>
    </div>
  );
}

export function List({ children }: Held) {
  return <div className="list">{children}</div>;
}

export function DescriptionList({ children }: Held) {
  return <dl>{children}</dl>;
}

export function DescriptionListItem({ label, children }: Held & { label: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface Celled extends Held {
  align?: 'left' | 'center' | 'right';
}

export function Table({ children }: Held) {
  return (
    <div className="scroll">
      <table>{children}</table>
    </div>
  );
}

export function TableHead({ children }: Held) {
  return <thead>{children}</thead>;
}

export function TableBody({ children }: Held) {
  return <tbody>{children}</tbody>;
}

export function TableRow({ children }: Held) {
  return <tr>{children}</tr>;
}

export function TableHeader({ children, align = 'left' }: Celled) {
  return (
    <th scope="col" className={align}>
      {children}
    </th>
  );
}

export function TableCell({ children, align = 'left' }: Celled) {
  return <td className={align}>{children}</td>;
}
