#!/bin/sh
# integration.yaml, typed. kamel has no option for replicas and for KEDA's triggers: say "kubectl scale integration payer-exchange
# --replicas=2" afterwards, or apply the file.
set -eu

kamel run --name payer-exchange --operator-id camel-k \
  --image registry.example/payer-exchange:0.2.0 \
  --config configmap:payer-exchange-settings \
  --config configmap:payer-exchange-ca \
  --config secret:payer-exchange-payers \
  --volume payer-exchange:/var/lib/payer-exchange \
  --env P2P_SHUTDOWN_TIMEOUT=20s \
  --trait mount.empty-dirs=tmp:/tmp:100Mi \
  --trait environment.vars=P2P_DATABASE_PASSWORD=secret:payer-exchange/P2P_DATABASE_PASSWORD \
  --trait environment.vars=P2P_JMS_USER=secret:payer-exchange/P2P_JMS_USER \
  --trait environment.vars=P2P_JMS_PASSWORD=secret:payer-exchange/P2P_JMS_PASSWORD \
  --trait environment.vars=P2P_OPS_API_KEY=secret:payer-exchange/P2P_OPS_API_KEY \
  --trait container.port=8080 \
  --trait container.port-name=ops \
  --trait container.expose=true \
  --trait container.service-port=8080 \
  --trait container.service-port-name=ops \
  --trait container.request-cpu=500m \
  --trait container.request-memory=768Mi \
  --trait container.limit-cpu=2 \
  --trait container.limit-memory=1Gi \
  --trait security-context.run-as-user=65532 \
  --trait service.enabled=true \
  --trait health.enabled=true \
  --trait health.startup-probe-enabled=true \
  --trait health.startup-probe=/observe/health/live \
  --trait health.startup-port=8080 \
  --trait health.startup-period=2 \
  --trait health.startup-failure-threshold=1800 \
  --trait health.liveness-probe-enabled=true \
  --trait health.liveness-probe=/observe/health/live \
  --trait health.liveness-port=8080 \
  --trait health.liveness-timeout=5 \
  --trait health.liveness-failure-threshold=6 \
  --trait health.readiness-probe-enabled=true \
  --trait health.readiness-probe=/observe/health/ready \
  --trait health.readiness-port=8080 \
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
