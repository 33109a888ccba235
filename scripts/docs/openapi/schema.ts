/** Building blocks of the schemas: JSON Schema 2020-12, as OpenAPI 3.1 has it. */

export type Schema = Readonly<Record<string, unknown>>;

interface ObjectOptions<T> {
  readonly description?: string;
  /** Members that may be absent; all others are always there. */
  readonly optional?: readonly (keyof T & string)[];
}

/**
 * The schema of a type: it does not compile without a schema for each member. Further members are not excluded, because a
 * later version may add some.
 */
export function objectOf<T extends object>(
  properties: { readonly [Name in keyof Required<T>]: Schema },
  { description, optional = [] }: ObjectOptions<T> = {},
): Schema {
  const names: readonly string[] = optional;
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    required: Object.keys(properties).filter((name) => !names.includes(name)),
    properties,
  };
}

export const text = (description: string, more: Schema = {}): Schema => ({ type: 'string', description, ...more });
export const listOf = (items: Schema, description: string): Schema => ({ type: 'array', description, items });
export const count = (description: string): Schema => ({ type: 'integer', minimum: 0, description });

/** The schema that takes null too. */
export const orNull = ({ type, ...schema }: Schema): Schema =>
  type === undefined ? { anyOf: [schema, { type: 'null' }] } : { type: [type, 'null'], ...schema };

export const dateTime = (description: string): Schema =>
  text(`${description} RFC 3339, in UTC.`, { format: 'date-time' });
export const day = (description: string): Schema => text(`${description} Day in UTC.`, { format: 'date' });

/** One of the values, each once: it does not compile when one of the type is not there. */
export const oneOf = <T extends string>(description: string, values: Readonly<Record<T, true>>): Schema => ({
  type: 'string',
  description,
  enum: Object.keys(values),
});

/** @returns a reference to one of the document's schemas. */
export const schemaRef = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
