import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloArmor } from '@escape.tech/graphql-armor';
import {
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  OperationTypeNode,
  Kind,
  type DocumentNode,
  type GraphQLSchema,
  type ValidationRule,
} from 'graphql';
import { fieldExtensionsEstimator, getComplexity, simpleEstimator } from 'graphql-query-complexity';

/** What one operation may ask at most; the same for queries, mutations and subscriptions. */
export const QUERY_LIMITS = { depth: 10, aliases: 10, directives: 10, tokens: 1000, complexity: 10_000 } as const;

/** Stands before every operation, however it comes. */
export interface QueryGate {
  readonly validationRules: readonly ValidationRule[];
  readonly plugins: readonly ApolloServerPlugin[];
  /** Knows the variables, unlike a validation rule: `first: $n` is counted too. Throws a GraphQLError. */
  checkComplexity(operation: Operation): void;
}

export interface Operation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly variables: Record<string, unknown>;
  readonly operationName: string | undefined;
}

export function queryGate(isProduction: boolean): QueryGate {
  const { depth, aliases, directives, complexity } = QUERY_LIMITS;
  const protection = new ApolloArmor({
    maxDepth: { n: depth, flattenFragments: true },
    maxAliases: { n: aliases },
    maxDirectives: { n: directives },
    costLimit: { enabled: false }, // blind to variables: checkComplexity counts instead
    blockFieldSuggestion: { enabled: true },
    maxTokens: { enabled: false }, // answers 500; parseOptions.maxTokens answers 400
  }).protect();
  return {
    validationRules: [...protection.validationRules, ...(isProduction ? [NoSchemaIntrospectionCustomRule] : [])],
    plugins: protection.plugins as unknown as ApolloServerPlugin[], // armor's types are the CommonJS twins
    checkComplexity: ({ schema, document, variables, operationName }) => {
      const estimators = [fieldExtensionsEstimator(), simpleEstimator({ defaultComplexity: 1 })];
      const cost = getComplexity({ schema, query: document, variables, operationName, estimators });
      if (cost > complexity) throw refused(`it would cost ${cost}, and ${complexity} is allowed`);
    },
  };
}

/** The gate's last step for Apollo, where variables are known. */
export function complexityPlugin(gate: QueryGate, schemaOf: () => GraphQLSchema): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ request, document }) => {
        const variables = request.variables ?? {};
        gate.checkComplexity({ schema: schemaOf(), document, variables, operationName: request.operationName });
      },
    }),
  };
}

/** Subscriptions come by /events only; at /graphql they would end as an internal error. */
export const NoSubscriptionRule: ValidationRule = (context) => ({
  OperationDefinition(node) {
    if (node.operation === OperationTypeNode.SUBSCRIPTION) {
      context.reportError(refused('subscriptions are served at /events, as server-sent events'));
    }
  },
});

/** At /events nothing else is served. */
export function isSubscription(document: DocumentNode): boolean {
  return document.definitions.every(
    (node) => node.kind !== Kind.OPERATION_DEFINITION || node.operation === OperationTypeNode.SUBSCRIPTION,
  );
}

export function refused(what: string): GraphQLError {
  return new GraphQLError(`the query is refused: ${what}`, {
    extensions: {
      code: 'QUERY_REFUSED',
      what: `the query is refused: ${what}`,
      where: 'query',
      fix: 'Ask for less at once.',
      http: { status: 400 },
    },
  });
}
