import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import type { Type } from '@nestjs/common';

import { HubError } from '../errors/hub-error.js';

const PAGE_LIMIT = 100;

@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 20, description: `At most ${PAGE_LIMIT}.` })
  first!: number;

  @Field(() => String, { nullable: true, description: 'The `endCursor` of the page before.' })
  after?: string | null;
}

@ObjectType()
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true })
  endCursor!: string | null;
}

export interface Edge<T> {
  cursor: string;
  node: T;
}

export interface Page<T> {
  edges: Edge<T>[];
  pageInfo: PageInfo;
}

/** Declares `NAMEConnection` and `NAMEEdge` for an object type. */
export function pageType<T>(node: Type<T>, name: string): Type<Page<T>> {
  @ObjectType(`${name}Edge`)
  class EdgeType implements Edge<T> {
    @Field(() => String)
    cursor!: string;

    @Field(() => node)
    node!: T;
  }

  @ObjectType(`${name}Connection`)
  class PageType implements Page<T> {
    @Field(() => [EdgeType])
    edges!: EdgeType[];

    @Field(() => PageInfo)
    pageInfo!: PageInfo;
  }
  return PageType;
}

/** The cost of a list: what one item costs, times how many may come. */
export const pageComplexity = ({ args, childComplexity }: { args: { first?: number }; childComplexity: number }) =>
  1 + Math.max(1, args.first ?? 20) * childComplexity;

/** @throws {HubError} INPUT_INVALID */
export function checkedPage({ first, after }: PageArgs): { first: number; after: string | null } {
  if (first < 1 || first > PAGE_LIMIT) {
    throw new HubError('INPUT_INVALID', `first is ${first}`, 'first', `Ask for 1 to ${PAGE_LIMIT} at a time.`);
  }
  if (after === null || after === undefined) return { first, after: null };
  return { first, after: Buffer.from(after, 'base64url').toString('utf8') };
}

/** @param items one more than `first` if there are more */
export function pageOf<T>(items: readonly T[], first: number, keyOf: (item: T) => string): Page<T> {
  const edges = items.slice(0, first).map((node) => ({
    node,
    cursor: Buffer.from(keyOf(node), 'utf8').toString('base64url'),
  }));
  return { edges, pageInfo: { hasNextPage: items.length > first, endCursor: edges.at(-1)?.cursor ?? null } };
}
