import { type FileMetaData, parquetSchema, type SchemaElement, type SchemaTree } from "hyparquet";

/** What can be read of a Parquet file as a column of text. */
export interface ParquetColumn {
  /** The names of nested fields with a point between them: `image.path`. */
  readonly name: string;
  /** From the top-level column down. */
  readonly path: readonly string[];
  /** The fields below it that hold values, as `path_in_schema` has them, joined by points. */
  readonly leaves: ReadonlySet<string>;
  /** A list, a map or a group, whose value is written as JSON. */
  readonly isGroup: boolean;
  /** A list or a map. */
  readonly isMany: boolean;
}

/** So many bytes of a description hold how many elements its schema has. */
export const SCHEMA_AT = 32;

/**
 * How many elements the schema of a file has, by the first bytes of its description (Thrift's compact protocol: the version, then a
 * list): a million of them would take gigabytes before anything can be refused.
 * @returns undefined where it begins with something else
 */
export function elementsSaid(start: Uint8Array): number | undefined {
  let at = 0;
  const number = () => {
    let value = 0;
    for (let scale = 1; at < start.length; scale *= 128) {
      const byte = start[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    return value;
  };
  // A field one further than the last: a number of 32 bits, and a list.
  if (start[at++] !== 0x15) return undefined;
  number();
  if (start[at++] !== 0x19) return undefined;
  const short = start[at++]! >> 4;
  return short < 15 ? short : number();
}

/**
 * The columns of a file: fields of nested groups one by one, then lists, maps and groups as a whole. What holds bytes that
 * are no text (the pictures of `image: {bytes, path}`) is none of them, nor part of one.
 * @throws whatever hyparquet throws for a damaged schema
 */
export function parquetColumns(metadata: FileMetaData): ParquetColumn[] {
  const found: ParquetColumn[] = [];
  const groups: ParquetColumn[] = [];
  const isText = textRule(metadata);
  const visit = (node: SchemaTree) => {
    const leaves = new Set(readableLeaves(node, isText).map((leaf) => leaf.path.join(".")));
    if (leaves.size === 0) return;
    const isGroup = node.children.length > 0;
    const column = { name: node.path.join("."), path: node.path, leaves, isGroup, isMany: isMany(node) };
    if (!isGroup || column.isMany) found.push(column);
    else {
      groups.push(column);
      for (const child of node.children) visit(child);
    }
  };
  for (const child of parquetSchema(metadata).children) visit(child);
  return [...found, ...groups];
}

/** A copy of a file's metadata that knows one column alone, so that nothing else of the file is looked at. */
export function onlyColumn(metadata: FileMetaData, { leaves }: ParquetColumn): FileMetaData {
  const keep = (node: SchemaTree): SchemaElement[] => {
    if (node.children.length === 0) return leaves.has(node.path.join(".")) ? [node.element] : [];
    const below = node.children.map(keep).filter((elements) => elements.length > 0);
    return below.length === 0 ? [] : [{ ...node.element, num_children: below.length }, ...below.flat()];
  };
  return {
    ...metadata,
    schema: keep(parquetSchema(metadata)),
    row_groups: metadata.row_groups.map((group) => ({
      ...group,
      columns: group.columns.filter(({ meta_data }) => leaves.has(meta_data!.path_in_schema.join("."))),
    })),
  };
}

type IsText = (leaf: SchemaTree) => boolean;

function readableLeaves(node: SchemaTree, isText: IsText): SchemaTree[] {
  if (node.element.logical_type?.type === "VARIANT") return [];
  if (node.children.length > 0) return node.children.flatMap((child) => readableLeaves(child, isText));
  return isText(node) ? [node] : [];
}

/** Repeated, or an annotated list or map: not one value per row. */
function isMany({ element: { repetition_type, converted_type, logical_type } }: SchemaTree): boolean {
  const kinds = [converted_type, logical_type?.type];
  return (
    repetition_type === "REPEATED" || kinds.includes("LIST") || kinds.includes("MAP") || kinds.includes("MAP_KEY_VALUE")
  );
}

const STATED: readonly unknown[] = ["UTF8", "STRING", "ENUM", "JSON", "UUID", "DECIMAL", "FLOAT16"];
const NOT_READ: readonly unknown[] = ["BSON", "INTERVAL", "GEOMETRY", "GEOGRAPHY"];

/**
 * Tells fields of text and numbers from bytes. Old writers state of no byte array that it is text, and mean text by a
 * top-level one; whoever states it of one field means bytes by the others.
 */
function textRule({ schema }: FileMetaData): IsText {
  const kindsOf = ({ converted_type, logical_type }: SchemaElement) => [converted_type, logical_type?.type];
  const states = (element: SchemaElement) => kindsOf(element).some((kind) => STATED.includes(kind));
  const isOld = !schema.some((element) => element.type === "BYTE_ARRAY" && states(element));
  return ({ element, path }) => {
    if (kindsOf(element).some((kind) => NOT_READ.includes(kind))) return false;
    if (element.type === "FIXED_LEN_BYTE_ARRAY") return states(element);
    return element.type !== "BYTE_ARRAY" || states(element) || (isOld && path.length === 1);
  };
}
