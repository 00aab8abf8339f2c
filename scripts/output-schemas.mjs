// Writes apps/cli/dist/output-schemas.json, or the file given: what each command prints with --json, as JSON Schema, made of the types of what its
// code hands to `cli.printJson`. Run by prepare.mjs; `concord schema COMMAND` prints from the file.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const CLI = resolve(dirname(fileURLToPath(import.meta.url)), '../apps/cli');
const COMMANDS = join(CLI, 'src/commands');
const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** A schema for each command that prints JSON; a command with several forms of output has them under anyOf. */
function outputSchemas() {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(CLI, 'tsconfig.json'),
    { noEmit: true, composite: false },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (problem) => {
        throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
      },
    },
  );
  const program = ts.createProgram(
    config.fileNames.filter((name) => !name.endsWith('.spec.ts')),
    config.options,
  );
  const checker = program.getTypeChecker();
  const schemas = {};
  for (const file of readdirSync(COMMANDS).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))) {
    const printed = printedFrom(program, checker, join(COMMANDS, file));
    if (printed.length === 0 || file === 'index.ts') continue;
    const defs = new Definitions(checker);
    const forms = unique(printed.map((argument) => defs.schemaOf(checker.getTypeAtLocation(argument), argument)));
    const name = basename(file, '.ts');
    schemas[name] = {
      $schema: DIALECT,
      title: `concord ${name} --json`,
      ...(forms.length === 1 ? forms[0] : { anyOf: forms }),
      ...(defs.isEmpty ? {} : { $defs: defs.schemas }),
    };
  }
  return schemas;
}

/** Arguments of `cli.printJson` in the file of a command and in the functions of this app that it comes to call, lib aside. */
function printedFrom(program, checker, start) {
  const found = [];
  const seen = new Set();
  const walk = (node) => {
    if (seen.has(node)) return;
    seen.add(node);
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      if (node.expression.name.text === 'printJson') found.push(node.arguments[0]);
    }
    if (ts.isImportDeclaration(node)) return;
    if (ts.isIdentifier(node)) follow(node);
    ts.forEachChild(node, walk);
  };
  // By the type of the name, so that what `await import` gives is followed too.
  const follow = (identifier) => {
    for (const { declaration } of checker.getTypeAtLocation(identifier).getCallSignatures()) {
      const fileName = declaration?.getSourceFile().fileName ?? '';
      if (fileName.startsWith(join(CLI, 'src')) && !fileName.includes('/src/lib/')) walk(declaration);
    }
  };
  walk(program.getSourceFile(start));
  return found;
}

/** Turns types into schemas; named ones once, under $defs. */
class Definitions {
  schemas = {};
  #names = new Map();

  constructor(checker) {
    this.checker = checker;
  }

  get isEmpty() {
    return Object.keys(this.schemas).length === 0;
  }

  schemaOf(type, node) {
    const { flags } = type;
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return {};
    if (flags & ts.TypeFlags.Undefined) return { not: {} };
    if (flags & ts.TypeFlags.Null) return { type: 'null' };
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (flags & ts.TypeFlags.BooleanLiteral) return { const: type.intrinsicName === 'true' };
    if (flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
    if (flags & ts.TypeFlags.StringLike) return { type: 'string' };
    if (flags & ts.TypeFlags.NumberLike) return { type: 'number' };
    if (flags & ts.TypeFlags.TypeParameter)
      return this.schemaOf(this.checker.getBaseConstraintOfType(type) ?? this.checker.getAnyType(), node);
    if (type.isUnion()) return this.#union(type, node);
    if (this.checker.isTupleType(type)) return this.#tuple(type, node);
    if (this.checker.isArrayType(type))
      return { type: 'array', items: this.schemaOf(this.checker.getTypeArguments(type)[0], node) };
    return this.#object(type, node);
  }

  #union(type, node) {
    const kinds = type.types.filter(({ flags }) => !(flags & ts.TypeFlags.Undefined));
    if (kinds.length === 0) return { not: {} };
    const forms = unique(kinds.map((kind) => this.schemaOf(kind, node)));
    const words = forms.filter((form) => 'const' in form && typeof form.const !== 'boolean').map((form) => form.const);
    const booleans = forms.filter((form) => typeof form.const === 'boolean');
    const rest = forms.filter((form) => !('const' in form));
    const all = [
      ...rest,
      ...(words.length > 1 ? [{ enum: words }] : words.map((word) => ({ const: word }))),
      ...(booleans.length > 1 ? [{ type: 'boolean' }] : booleans),
    ];
    return all.length === 1 ? all[0] : { anyOf: all };
  }

  #tuple(type, node) {
    const items = this.checker.getTypeArguments(type).map((item) => this.schemaOf(item, node));
    if (type.target.hasRestElement) return { type: 'array' };
    return { type: 'array', prefixItems: items, minItems: type.target.minLength, maxItems: items.length };
  }

  #object(type, node) {
    const name = type.aliasSymbol?.name ?? type.symbol?.name;
    if (/^(Int|Uint|Float)\d+(Clamped)?Array$/.test(name))
      return { type: 'object', additionalProperties: { type: 'number' } };
    if (name === 'Date') return { type: 'string' };
    const isNamed =
      name !== undefined &&
      /^[A-Z]\w+$/.test(name) &&
      !['Record', 'Readonly', 'Partial', 'Omit', 'Pick'].includes(name);
    if (!isNamed) return this.#members(type, node);
    const known = this.#names.get(type);
    if (known !== undefined) return { $ref: `#/$defs/${known}` };
    let own = name;
    for (let n = 2; own in this.schemas; n++) own = `${name}${n}`;
    this.#names.set(type, own);
    this.schemas[own] = {}; // may refer to itself
    this.schemas[own] = { ...descriptionOf(type.symbol, this.checker), ...this.#members(type, node) };
    return { $ref: `#/$defs/${own}` };
  }

  #members(type, node) {
    const properties = {};
    const required = [];
    for (const member of this.checker.getPropertiesOfType(type)) {
      const own = this.checker.getTypeOfSymbolAtLocation(member, node);
      if (own.getCallSignatures().length > 0) continue; // not in JSON
      const isOptional = (member.flags & ts.SymbolFlags.Optional) !== 0 || (own.flags & ts.TypeFlags.Undefined) !== 0;
      const mayLack = own.isUnion() && own.types.some(({ flags }) => flags & ts.TypeFlags.Undefined);
      properties[member.name] = { ...this.schemaOf(own, node), ...descriptionOf(member, this.checker) };
      if (!isOptional && !mayLack) required.push(member.name);
    }
    const index = this.checker.getIndexTypeOfType(type, ts.IndexKind.String);
    return {
      type: 'object',
      ...(Object.keys(properties).length > 0 ? { properties } : {}),
      ...(required.length > 0 ? { required } : {}),
      ...(index === undefined ? {} : { additionalProperties: this.schemaOf(index, node) }),
    };
  }
}

function descriptionOf(symbol, checker) {
  const text = ts
    .displayPartsToString(symbol?.getDocumentationComment(checker) ?? [])
    .replace(/\s+/g, ' ')
    .trim();
  return text === '' ? {} : { description: text };
}

function unique(schemas) {
  return [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
}

const out = process.argv[2] ?? join(CLI, 'dist/output-schemas.json');
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, `${JSON.stringify(outputSchemas())}\n`);
