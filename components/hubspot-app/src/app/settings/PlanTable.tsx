import { StatusTag, Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '@hubspot/ui-extensions';
import type { Api, Billing, Plan } from '@sync300/shared';
import { limit, OpenLink } from '@sync300/shared';
import React from 'react';

interface Props {
  api: Api;
  billing: Billing;
  admin: boolean;
  /** The person is back from paying. */
  onBack: () => void;
}

/** What each plan has, and the way to buy one. */
export function PlanTable({ api, billing, admin, onBack }: Props) {
  return (
    <Table bordered density="condensed">
      <TableHead>
        <TableRow>
          <TableHeader>Plan</TableHeader>
          <TableHeader>Records a month</TableHeader>
          <TableHeader>Fastest schedule</TableHeader>
          <TableHeader>Own field mappings</TableHeader>
          <TableHeader>Systems</TableHeader>
          <TableHeader>Choose</TableHeader>
        </TableRow>
      </TableHead>
      <TableBody>
        {billing.plans.map((plan) => (
          <TableRow key={plan.id}>
            <TableCell>{plan.name}</TableCell>
            <TableCell>{limit(plan.records_per_month)}</TableCell>
            <TableCell>{plan.fastest_minutes === null ? 'none' : `${plan.fastest_minutes} minutes`}</TableCell>
            <TableCell>{plan.custom_mappings ? 'Yes' : 'No'}</TableCell>
            <TableCell>{limit(plan.connections)}</TableCell>
            <TableCell>
              {plan.current ? (
                <StatusTag variant="success">Your plan</StatusTag>
              ) : (
                <Buy api={api} plan={plan} shown={admin && billing.status === null} onBack={onBack} />
              )}
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function Buy({ api, plan, shown, onBack }: { api: Api; plan: Plan; shown: boolean; onBack: () => void }) {
  if (!shown || !plan.paid) {
    return null;
  }
  return (
    <OpenLink
      ask={() => api.post('/billing/checkout', { plan: plan.id, interval: 'monthly' })}
      open="Pay at Stripe"
      help="Card details are entered at Stripe, and are never seen here. Yearly payment can be chosen there later."
      back="Done"
      onBack={onBack}
    >
      {`Choose ${plan.name}`}
    </OpenLink>
  );
}
