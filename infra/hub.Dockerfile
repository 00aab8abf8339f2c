# The hub and its worker: one image, two commands. Build from the repository root.
FROM node:24-bookworm-slim AS build
WORKDIR /concord
COPY package.json package-lock.json .npmrc ./
COPY apps apps
COPY libs libs
COPY prisma prisma
COPY scripts scripts
COPY test/tsconfig.json test/tsconfig.json
COPY tsconfig.json tsconfig.base.json ./
# `prepare` builds; then only what runs is kept. onnxruntime-node carries every platform: Linux stays.
RUN npm ci --loglevel=error \
 && npm prune --omit=dev --ignore-scripts --loglevel=error \
 && find node_modules/onnxruntime-node/bin -mindepth 2 -maxdepth 2 -type d ! -name linux -exec rm -rf {} +

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    CONCORD_HUB_DATA=/data \
    CONCORD_HUB_HOST=0.0.0.0 \
    CONCORD_HUB_PORT=8640
WORKDIR /concord
COPY --from=build --chown=root:root /concord/package.json ./
COPY --from=build --chown=root:root /concord/node_modules node_modules
COPY --from=build --chown=root:root /concord/apps apps
COPY --from=build --chown=root:root /concord/libs libs
COPY --from=build --chown=root:root /concord/prisma prisma
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8640
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8640/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/hub/dist/main.js"]
