.DEFAULT_GOAL := help
.PHONY: help run test package format chaos fuzz bench

program := target/caravan/bin/caravan

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## /  \1	/p' $(MAKEFILE_LIST) | expand -t 12

run: $(program) ## Start the program, built first if a source has changed
	@ROUTES_DIR="$${ROUTES_DIR:-src/main/resources/routes}" exec $(program)

test: ## Run every test and check, as CI does
	mvn verify

package: ## Build target/caravan and its archive, without tests
	mvn package -Dmaven.test.skip=true -DskipTests

format: ## Format the Java sources
	mvn -q spotless:apply

chaos: $(program) ## Break what can break under load, and see what is lost: make chaos ARGS=--help
	@mvn -q test-compile exec:exec -Dexec.executable=java -Dexec.classpathScope=test \
		-Dexec.args="-cp %classpath dev.caravan.chaos.Chaos $(ARGS)"

fuzz: ## Send 100,000 nearly right requests, or 500 slow ones, to a program that runs: make fuzz ARGS="[--slow] [PORT [REQUESTS [SEED]]]"
	@mvn -q test-compile exec:exec -Dexec.executable=java -Dexec.classpathScope=test \
		-Dexec.args="-cp %classpath dev.caravan.fuzz.Main $(ARGS)"

bench: $(program) ## Measure it against the limit of this machine: make bench ARGS=--help
	@bench/run $(ARGS)

# Maven gives the copies the release's date, so without the touch this would be out of date for ever.
$(program): pom.xml application.properties $(shell find src/main -type f)
	mvn -q package -Dmaven.test.skip=true -DskipTests
	@touch $@
