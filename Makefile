MVN ?= mvn -B -ntp
APP = target/dist/payer-exchange/bin/payer-exchange

.PHONY: demo run test verify bench chaos fuzz plans dist image karaf quarkus hapi-jpa release record upgrade keys format

demo: dist ; $(APP) demo
run: dist ; $(APP) run --config config
test: ; $(MVN) test
verify: ; .ci/run
bench: ; $(MVN) -q -Dfast test-compile exec:exec@bench
chaos: ; $(MVN) -q -Dfast test-compile exec:exec@chaos
fuzz: ; $(MVN) -q -Dfast test -Dtest='*FuzzTest' -Dp2p.fuzz.rounds=10000
plans: ; $(MVN) -q -Dfast test-compile exec:exec@plans
# without an archive of classes all works, only later
dist: ; $(MVN) -q -Dfast -DskipTests -Pdist package && { $(APP) prepare || true; }
image: ; $(MVN) -q -Dfast -DskipTests -Pimage clean package exec:exec@image -Dimage.base=$(BASE)
karaf: ; $(MVN) -q -Dfast -DskipTests -Pkaraf package
quarkus: ; $(MVN) -q -Dfast -Dmaven.test.skip install && $(MVN) -q -f src/it/quarkus package && $(MVN) -q -Dfast test -Dtest=QuarkusIT
hapi-jpa: ; $(MVN) -q -f src/it/hapi-jpa compile && $(MVN) -q -Dfast test -Dtest=HapiJpaIT
release:
	! grep '^## .*(in work)' CHANGELOG.md # the day comes first
	$(MVN) -q -Dfast -Dmaven.test.skip -Pdist -Darchive.phase=package clean package
	$(MVN) -q -Dfast -Dmaven.test.skip -Pkaraf package
	cp target/*.kar target/sbom.json target/THIRD-PARTY.txt target/release
	cd target/release && sha256sum * >SHA256SUMS && cat SHA256SUMS
# the page of all keys, out of config/
keys: ; $(MVN) -q -Dfast test-compile exec:exec@keys
record: ; $(MVN) -q -Dfast test -Dtest=UpgradeRecording
upgrade: ; src/it/upgrade/build && $(MVN) -q -Dfast test -Dtest=UpgradeIT
format: ; $(MVN) -q spotless:apply
