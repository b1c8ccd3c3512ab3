package dev.caravan.rules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.caravan.Main;
import dev.caravan.platform.context.RepeatedTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

@TestInstance(Lifecycle.PER_CLASS)
class PackageRulesTest {

    /** From the folder of the program's classes, without the tests. */
    private final JavaClasses program = new ClassFileImporter()
            .importUrl(Main.class.getProtectionDomain().getCodeSource().getLocation());

    @Test
    void capabilitiesDoNotDependOnEachOther() {
        slices().matching("dev.caravan.capability.(*)..")
                .should()
                .notDependOnEachOther()
                .check(program);
    }

    @Test
    void otherPackagesDoNotDependOnCapabilities() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.caravan.capability..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.caravan.capability..")
                .check(program);
    }

    @Test
    void onlyApplicationDependsOnTheEmbeddedBroker() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.caravan.embedded..")
                .and()
                .haveNameNotMatching("dev\\.caravan\\.Application(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("kafka..", "dev.caravan.embedded..")
                .check(program);
    }

    @Test
    void platformDependsOnNoOtherGroup() {
        noClasses()
                .that()
                .resideInAPackage("dev.caravan.platform..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.caravan.live..", "dev.caravan.operations..")
                .check(program);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.caravan.(**)").should().beFreeOfCycles().check(program);
    }

    @Test
    void packagesDoNotDependOnTheRootPackage() {
        noClasses()
                .that()
                .resideInAPackage("dev.caravan.*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.caravan")
                .check(program);
    }

    /** An executor silently cancels any other task at its first error. */
    @Test
    void scheduledTasksSurviveErrors() {
        classes()
                .that(callAMethodNamed("scheduleWithFixedDelay|scheduleAtFixedRate"))
                .should()
                .dependOnClassesThat()
                .areAssignableTo(RepeatedTask.class)
                .check(program);
    }

    private static DescribedPredicate<JavaClass> callAMethodNamed(String names) {
        return DescribedPredicate.describe("call " + names, type -> type.getMethodCallsFromSelf().stream()
                .anyMatch(call -> call.getName().matches(names)));
    }

    @Test
    void classNamesHaveNoGenericSuffix() {
        noClasses()
                .should()
                .haveNameMatching(".*(Utils?|Helpers?|Managers?|Impl)")
                .check(program);
    }

    @Test
    void staticFieldsHoldNoState() {
        fields().that().areStatic().should().beFinal().check(program);
        fields().that()
                .areStatic()
                .should()
                .notHaveRawType("java.util.concurrent.ConcurrentHashMap")
                .andShould()
                .notHaveRawType("java.util.concurrent.ConcurrentMap")
                .andShould()
                .notHaveRawType("java.util.concurrent.atomic.AtomicLong")
                .andShould()
                .notHaveRawType("java.util.concurrent.atomic.AtomicInteger")
                .andShould()
                .notHaveRawType("java.util.concurrent.atomic.AtomicReference")
                .andShould()
                .notHaveRawType("java.util.concurrent.atomic.LongAdder")
                .check(program);
    }
}
