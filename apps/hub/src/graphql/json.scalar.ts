import { GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';

/** Any JSON value: a protocol, the details of an audit entry. Resolvers parse it before they trust it. */
export const JsonScalar = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => (node.kind === Kind.NULL ? null : valueFromASTUntyped(node, variables)),
});
