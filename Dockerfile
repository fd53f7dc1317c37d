FROM node:20.20.2-bookworm-slim
WORKDIR /driftline
COPY . .
RUN node bin/setup.js && npm cache clean --force && mkdir /data && chown node /data
USER node
ENV DRIFTLINE_DATA_DIR=/data
EXPOSE 8080 4318 4317
CMD ["node", "dist/main.js", "start"]
