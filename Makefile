MVN ?= mvn -B -ntp
APP = target/dist/payer-exchange/bin/payer-exchange

.PHONY: demo run test verify dist format

demo: dist ; $(APP) demo
run: dist ; $(APP) run --config config
test: ; $(MVN) test
verify: ; .ci/run
dist: ; $(MVN) -q -Dfast -DskipTests -Pdist package
format: ; $(MVN) -q spotless:apply
