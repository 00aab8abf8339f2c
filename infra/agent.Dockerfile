# The site agent. Build from the repository root; images are read from a folder mounted read-only.
FROM node:24-bookworm-slim AS build
WORKDIR /concord
COPY package.json package-lock.json .npmrc ./
COPY apps apps
COPY libs libs
COPY prisma prisma
COPY scripts scripts
COPY test/tsconfig.json test/tsconfig.json
COPY tsconfig.json tsconfig.base.json ./
# The agent runs no model: what only the hub needs goes too.
RUN npm ci --loglevel=error \
 && npm prune --omit=dev --ignore-scripts --loglevel=error \
 && rm -rf node_modules/onnxruntime-node node_modules/@prisma node_modules/prisma node_modules/@electric-sql apps/hub apps/web

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    CONCORD_AGENT_DATA=/data \
    CONCORD_AGENT_SOURCE=images:/images
WORKDIR /concord
COPY --from=build --chown=root:root /concord/package.json ./
COPY --from=build --chown=root:root /concord/node_modules node_modules
COPY --from=build --chown=root:root /concord/apps apps
COPY --from=build --chown=root:root /concord/libs libs
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=4 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8641/').then((r) => process.exit(r.status < 500 ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/agent/dist/main.js"]
