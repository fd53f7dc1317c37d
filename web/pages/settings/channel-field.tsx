import type { ChannelField } from '#contract/channel.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/select.tsx';
import { TextArea } from '../../ui/text-area.tsx';
import { TextField } from '../../ui/text-field.tsx';

interface ChannelFieldInputProps {
  field: ChannelField;
  value: string;
  /** A secret that is kept already. */
  isSet: boolean;
  error: string | undefined;
  onChange: (value: string) => void;
  onRemove: () => void;
}

/** One thing to fill in. A secret that is kept is never shown: it can be replaced or removed. */
export function ChannelFieldInput(props: ChannelFieldInputProps) {
  const { field, isSet, onRemove, error } = props;
  const keepsEmpty = isSet && !field.required;
  return (
    <div className="flex flex-col gap-1">
      <Input {...props} />
      {field.help && !error && <p className="text-label text-muted">{field.help}</p>}
      {keepsEmpty && (
        <p className="flex flex-wrap items-center gap-2 text-label text-muted">
          Kept as it is unless you enter another one.
          <Button look="quiet" onClick={onRemove}>
            Remove<span className="sr-only"> {field.label}</span>
          </Button>
        </p>
      )}
    </div>
  );
}

function Input({ field, value, isSet, error, onChange }: ChannelFieldInputProps) {
  const { label } = field;
  if (field.type === 'choice') {
    return (
      <div>
        <span aria-hidden className="mb-1 block text-label font-semibold">
          {field.label}
        </span>
        <Select label={field.label} value={value} options={field.options} onChange={onChange} />
      </div>
    );
  }
  if (field.type === 'multiline' || field.type === 'list') {
    return (
      <>
        <TextArea
          label={label}
          rows={field.name === 'template' ? 6 : 2}
          className={field.type === 'multiline' ? 'font-mono' : undefined}
          spellCheck={false}
          aria-invalid={error ? true : undefined}
          placeholder={isSet ? 'Set. Enter another one to replace it.' : field.placeholder}
          value={value}
          onChange={event => onChange(event.target.value)}
        />
        {error && (
          <p role="alert" className="text-label text-critical">
            {error}
          </p>
        )}
      </>
    );
  }
  return (
    <TextField
      label={label}
      type={field.secret ? 'password' : field.type === 'url' ? 'url' : 'text'}
      autoComplete="off"
      spellCheck={false}
      placeholder={isSet ? 'Set. Enter another one to replace it.' : field.placeholder || field.default}
      value={value}
      error={error}
      onChange={event => onChange(event.target.value)}
    />
  );
}
