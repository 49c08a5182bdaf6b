import React, { useEffect, useId, useState } from 'react';

import type { InputField, Page } from './page';
import { send } from './page';

interface Props {
  page: Page;
  /** The action's uid. */
  action: string;
  field: InputField;
  label: string;
  value: string;
  onChange: (value: string) => void;
}

interface Choice {
  value: string;
  label: string;
  description?: string | null;
}

/** An input of an action, by its type. */
export function ActionInput(props: Props) {
  const { field, label, value, onChange } = props;
  const { fieldType, options, optionsUrl } = field.typeDefinition;
  const id = useId();
  const common = { id, value, required: field.isRequired, name: field.typeDefinition.name };
  const set = ({ target }: { target: { value: string } }) => onChange(target.value);
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {field.isRequired ? ' (needed)' : ''}
      </label>
      {optionsUrl !== undefined ? (
        <Searched {...props} id={id} />
      ) : fieldType === 'textarea' ? (
        <textarea {...common} rows={3} onChange={set} />
      ) : options !== undefined ? (
        <select {...common} onChange={set}>
          <option value=""></option>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      ) : (
        <input {...common} type={fieldType === 'date' ? 'date' : 'text'} onChange={set} />
      )}
    </div>
  );
}

/** What the application offers to choose from, searched as somebody types. */
function Searched({ page, action, field, value, onChange, id }: Props & { id: string }) {
  const [choices, setChoices] = useState<Choice[]>([]);
  const { name } = field.typeDefinition;
  useEffect(() => {
    let gone = false;
    const asked = send<{ options?: Choice[] }>('options', {
      uid: action,
      portal: page.portal,
      inputFieldName: name,
      q: value,
    });
    asked
      .then(({ options }) => {
        if (!gone) {
          setChoices(options ?? []);
        }
      })
      // An input without a list can be typed in all the same.
      .catch(() => setChoices([]));
    return () => {
      gone = true;
    };
  }, [page.portal, action, name, value]);
  return (
    <>
      <input
        id={id}
        name={name}
        list={`${id}-list`}
        required={field.isRequired}
        value={value}
        autoComplete="off"
        onChange={({ target }) => onChange(target.value)}
      />
      <datalist id={`${id}-list`}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {[choice.label, choice.description].filter(Boolean).join(', ')}
          </option>
        ))}
      </datalist>
    </>
  );
}
