import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '@hubspot/ui-extensions';
import type { ReactNode } from 'react';
import React from 'react';

export interface Column<T> {
  title: string;
  /** Numbers stand at the right. */
  align?: 'left' | 'right';
  cell: (row: T) => ReactNode;
}

interface Props<T> {
  columns: Column<T>[];
  rows: T[];
  /** Tells one row from another. */
  id: (row: T) => string;
  bordered?: boolean;
  density?: 'condensed' | 'default';
}

/** Rows of one kind under their titles. */
export function DataTable<T>({ columns, rows, id, bordered, density = 'condensed' }: Props<T>) {
  return (
    <Table bordered={bordered} density={density}>
      <TableHead>
        <TableRow>
          {columns.map(({ title, align }) => (
            <TableHeader key={title} align={align}>
              {title}
            </TableHeader>
          ))}
        </TableRow>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={id(row)}>
            {columns.map(({ title, align, cell }) => (
              <TableCell key={title} align={align}>
                {cell(row)}
              </TableCell>
            ))}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
