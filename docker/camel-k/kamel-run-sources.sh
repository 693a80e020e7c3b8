#!/bin/sh
# integration-sources.yaml, typed: the routes go along as they are, without a ConfigMap. For replicas see kamel-run.sh.
set -eu
cd "$(dirname "$0")/../.."

kamel run routes/*.camel.yaml --use-flows=false --name payer-exchange --operator-id camel-k \
  --dependency mvn:org.payerexchange:payer-exchange:0.2.0 \
  --dependency camel:platform-http \
  --config configmap:payer-exchange-settings \
  --config configmap:payer-exchange-ca \
  --config secret:payer-exchange-payers \
  --volume payer-exchange:/var/lib/payer-exchange \
  --env P2P_INBOX_DIRECTORY=/var/lib/payer-exchange/inbox \
  --env P2P_WORK_DIRECTORY=/var/lib/payer-exchange/work \
  --env P2P_OUTBOX_DIRECTORY=/var/lib/payer-exchange/outbox \
  --env QUARKUS_HTTP_HTTP2=false \
  --env QUARKUS_HTTP_IDLE_TIMEOUT=30s \
  --env QUARKUS_HTTP_READ_TIMEOUT=30s \
  --env QUARKUS_HTTP_LIMITS_MAX_CONNECTIONS=200 \
  --env QUARKUS_HTTP_LIMITS_MAX_BODY_SIZE=16M \
  --env CAMEL_MAIN_SHUTDOWNTIMEOUT=20 \
  --trait environment.vars=P2P_DATABASE_PASSWORD=secret:payer-exchange/P2P_DATABASE_PASSWORD \
  --trait environment.vars=P2P_JMS_USER=secret:payer-exchange/P2P_JMS_USER \
  --trait environment.vars=P2P_JMS_PASSWORD=secret:payer-exchange/P2P_JMS_PASSWORD \
  --trait environment.vars=P2P_OPS_API_KEY=secret:payer-exchange/P2P_OPS_API_KEY \
  --trait camel.runtime-provider=plain-quarkus \
  --trait camel.runtime-version=3.33.2 \
  --trait container.expose=true \
  --trait container.request-cpu=500m \
  --trait container.request-memory=768Mi \
  --trait container.limit-cpu=2 \
  --trait container.limit-memory=1Gi \
  --trait jvm.options=-XX:+ExitOnOutOfMemoryError \
  --trait jvm.options=-Dslf4j.provider=ch.qos.logback.classic.spi.LogbackServiceProvider \
  --trait security-context.run-as-user=65532 \
  --trait service.enabled=true \
  --trait health.enabled=true \
  --trait health.startup-probe-enabled=true \
  --trait health.startup-period=2 \
  --trait health.startup-failure-threshold=1800 \
  --trait health.liveness-probe-enabled=true \
  --trait health.liveness-timeout=5 \
  --trait health.liveness-failure-threshold=6 \
  --trait health.readiness-probe-enabled=true \
  --trait health.readiness-period=5 \
  --trait health.readiness-timeout=5 \
  --trait pdb.enabled=true \
  --trait pdb.max-unavailable=1 \
  --trait affinity.enabled=true \
  --trait affinity.pod-anti-affinity=true \
  --trait deployment.strategy=RollingUpdate \
  --trait deployment.rolling-update-max-unavailable=1 \
  --trait deployment.progress-deadline-seconds=300 \
  --trait cron.enabled=false
